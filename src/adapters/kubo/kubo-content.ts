import type { z } from 'zod'
import type { Api } from '../../domain/fleet.ts'
import type { Content } from '../../domain/ports/content.ts'
import { decode } from '../http/decode.ts'
import { PeerAnswered } from '../http/errors.ts'
import { type Dialect, type HttpLimits, openHttpApi } from '../http/http-api.ts'
import {
  WireAddresses,
  WireDagStat,
  WireError,
  WireId,
  WirePin,
  WireRepoStat,
  WireSetting,
  WireVersion,
} from './shapes.ts'

/** The RPC API of Kubo 0.43: errors are `{"Message","Code","Type":"error"}`; the trailer comes only with an error. */
const dialect: Dialect = {
  endTrailer: 'on-error',
  says(body, type) {
    // What the HTTP layer around the commands refuses is plain text: `404 page not found`, `403 - Forbidden`.
    if (type === 'text/plain' || body === '') return body.trim()
    try {
      return WireError.parse(JSON.parse(body)).Message
    } catch {
      return undefined
    }
  },
}

/** Recorded from Kubo 0.43: `error traversing DAG: block was not found locally (offline): ipld: could not find bafk…`. */
const notFound = /block was not found locally \(offline\): ipld: could not find (\w+)$/

/** One Kubo over its RPC API, which takes POST only. */
export function kuboContent(api: Api, limits: Partial<HttpLimits> = {}): Content & { close(): Promise<void> } {
  const http = openHttpApi(api, dialect, limits)
  const ask = async <Schema extends z.ZodType>(
    schema: Schema,
    path: string,
    signal?: AbortSignal,
    query: Record<string, string> = {},
  ) =>
    http.value(
      { method: 'POST', path: `/api/v0/${path}`, query },
      (text, request) => decode(schema, text ?? '', request),
      signal,
    )

  return {
    async self(signal) {
      const [id, version, repo] = await Promise.all([
        ask(WireId, 'id', signal),
        ask(WireVersion, 'version', signal),
        // Without size-only, Kubo counts every block.
        ask(WireRepoStat, 'repo/stat', signal, { 'size-only': 'true' }),
      ])
      return {
        id: id.ID,
        version: version.Version,
        addresses: id.Addresses,
        repoSize: repo.RepoSize,
        storageMax: repo.StorageMax,
      }
    },

    async settings(signal) {
      // Section by section: the whole configuration would bring secrets along (API.Authorizations).
      const [addresses, provide, reprovide] = await Promise.all([
        ask(WireAddresses, 'config', signal, { arg: 'Addresses' }),
        orAbsent(ask(WireSetting, 'config', signal, { arg: 'Provide.Strategy' })),
        orAbsent(ask(WireSetting, 'config', signal, { arg: 'Reprovider.Strategy' })),
      ])
      return { ...addresses.Value, provideStrategy: provide ?? reprovide ?? null }
    },

    pins: (signal) =>
      http.list(
        { method: 'POST', path: '/api/v0/pin/ls', query: { type: 'recursive', stream: 'true' } },
        (line, request) => decode(WirePin, line, request).Cid,
        signal,
      ),

    async complete(cid, signal) {
      try {
        const stat = await ask(WireDagStat, 'dag/stat', signal, { arg: cid, offline: 'true', progress: 'false' })
        return { state: 'complete', blocks: stat.UniqueBlocks }
      } catch (error) {
        const missing = error instanceof PeerAnswered ? notFound.exec(error.answer)?.[1] : undefined
        if (missing === undefined) throw error
        return { state: 'incomplete', missing }
      }
    },

    close: async () => http.close(),
  }
}

/** A setting, or undefined where the configuration does not have it: Kubo answers that with an error. */
async function orAbsent(asked: Promise<{ Value: string | null }>): Promise<string | undefined> {
  try {
    return (await asked).Value ?? undefined
  } catch (error) {
    if (error instanceof PeerAnswered && / not found"?$/.test(error.answer)) return undefined
    throw error
  }
}
