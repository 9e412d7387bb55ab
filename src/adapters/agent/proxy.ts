import { type ClientRequest, createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { ApiError } from '../../api/agent.ts'

/** A request on its way through. */
export interface ProxiedRequest {
  method?: string | undefined
  path?: string | undefined
  headers: IncomingHttpHeaders
}

/**
 * An HTTP server that hands every request on, as it comes, and the answer back. Where the other side cannot be reached,
 * it answers 502 with what `failure` makes of the error.
 */
export function createProxy(
  open: (options: ProxiedRequest) => ClientRequest,
  failure: (error: Error) => Promise<ApiError>,
): Server {
  return createServer((incoming, outgoing) => {
    const { host: _ours, connection: _hop, ...headers } = incoming.headers
    const upstream = open({ method: incoming.method, path: incoming.url, headers })
    upstream.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.on('error', () => outgoing.destroy())
      answer.pipe(outgoing)
    })
    upstream.once('error', (error) => {
      void (async () => {
        const body = JSON.stringify(await failure(error))
        if (outgoing.headersSent) {
          outgoing.destroy()
          return
        }
        outgoing.writeHead(502, { 'content-type': 'application/json' })
        outgoing.end(body)
      })()
    })
    outgoing.once('close', () => upstream.destroy())
    incoming.pipe(upstream)
  })
}
