import type { Api } from '../../domain/fleet.ts'
import type { Peer } from '../../domain/pinning.ts'
import type { Pinning } from '../../domain/ports/pinning.ts'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { seconds } from '../../domain/units.ts'
import { decode } from '../http/decode.ts'
import { PeerAnswered, PeerSilent } from '../http/errors.ts'
import { type Dialect, type HttpApi, type HttpLimits, type HttpRequest, openHttpApi } from '../http/http-api.ts'
import { WireError, WireMetricNames, WireMetrics, WirePeer, WirePin, WirePinOnPeer } from './shapes.ts'

/** The REST API of ipfs-cluster 1.1.6: errors are `{"code","message"}`; every list ends with the trailer. */
const dialect: Dialect = {
  endTrailer: 'always',
  says(body) {
    // A wrong method gets a 405 without a word.
    if (body === '') return body
    try {
      return WireError.parse(JSON.parse(body)).message
    } catch {
      return undefined
    }
  },
}

/**
 * One Cluster peer over its REST API. The peer speaks for itself only: pins are asked with `local=true`, which streams,
 * while the cluster-wide list is built in the peer's memory first (1,000,000 pins: 84 s and 4 GB; facts of 1.1.6).
 */
export function clusterPinning(api: Api, limits: Partial<HttpLimits> = {}): Pinning & { close(): Promise<void> } {
  const http = openHttpApi(api, dialect, limits)

  return {
    self: async (signal) => describeSelf(http, signal),

    peers: (signal) => http.list(get('/peers'), (line, request) => decode(WirePeer, line, request), signal),

    allocations: (signal) => http.list(get('/allocations'), (line, request) => decode(WirePin, line, request), signal),

    async allocation(cid, signal) {
      try {
        return await http.value(
          get(`/allocations/${encodeURIComponent(cid)}`),
          (text, request) => decode(WirePin, some(text, request), request),
          signal,
        )
      } catch (error) {
        // In the API's own words only: another server's 404 says nothing about the pinset.
        if (error instanceof PeerAnswered && error.status === 404 && error.answer !== '') return undefined
        throw error
      }
    },

    pins: (filter, signal) =>
      http.list(
        get('/pins', filter.length === 0 ? { local: 'true' } : { local: 'true', filter: filter.join(',') }),
        (line, request) => decode(WirePinOnPeer, line, request),
        signal,
      ),

    metricNames: async (signal) =>
      http.value(get('/monitor/metrics'), (text, request) => decode(WireMetricNames, text ?? '[]', request), signal),

    metrics: async (name, signal) =>
      http.value(
        get(`/monitor/metrics/${encodeURIComponent(name)}`),
        (text, request) => decode(WireMetrics, text ?? '[]', request),
        signal,
      ),

    close: async () => http.close(),
  }
}

/**
 * `GET /id` asks Kubo and waits for it as long as `ipfs_request_timeout` says (5 min); `GET /version` asks nobody. So a
 * hung Kubo is told from a hung peer (measured on 1.1.6, Kubo stopped with SIGSTOP).
 */
async function describeSelf(http: HttpApi, signal: AbortSignal | undefined): Promise<Peer> {
  try {
    return await http.value(
      { ...get('/id'), within: idWithin },
      (text, request) => decode(WirePeer, some(text, request), request),
      signal,
    )
  } catch (error) {
    if (!(error instanceof PeerSilent)) throw error
    const version = { ...get('/version'), within: versionWithin }
    const isAlive = await http.value(version, () => true, signal).catch(() => false)
    if (!isAlive) throw error
    throw new PeerSilent(`${error.message}, though GET /version is: the peer waits for its Kubo`)
  }
}

/** Together shorter than the default deadline of the probe (8 s). A peer with a healthy Kubo takes milliseconds. */
const idWithin = seconds(5)
const versionWithin = seconds(1)

/** For requests that are never answered with nothing. */
function some(text: string | undefined, request: string): string {
  if (text === undefined) throw new UnexpectedOutput(`${request} answered with nothing`, '')
  return text
}

function get(path: string, query: Record<string, string> = {}): HttpRequest {
  return { method: 'GET', path, query }
}
