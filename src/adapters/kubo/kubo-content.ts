import type { z } from 'zod'
import type { Api } from '../../domain/fleet.ts'
import type { Content } from '../../domain/ports/content.ts'
import { decode } from '../http/decode.ts'
import { type Dialect, type HttpLimits, openHttpApi } from '../http/http-api.ts'
import { WireError, WireId, WirePin, WireRepoStat, WireVersion } from './shapes.ts'

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

    pins: (signal) =>
      http.list(
        { method: 'POST', path: '/api/v0/pin/ls', query: { type: 'recursive', stream: 'true' } },
        (line, request) => decode(WirePin, line, request).Cid,
        signal,
      ),

    close: async () => http.close(),
  }
}
