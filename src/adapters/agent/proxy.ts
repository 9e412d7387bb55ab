import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, Server } from 'node:http'
import type { ApiError } from '../../api/agent.ts'
import { createServer } from '../http/node-http.ts'

/** A request on its way through. */
export interface ProxiedRequest {
  method?: string | undefined
  path?: string | undefined
  headers: IncomingHttpHeaders
}

/**
 * An HTTP server that hands every request on, as it comes, and the answer back. Where the other side cannot be reached,
 * it answers 502 with what `failure` makes of the error. Where `letFinish` says so, a question whose asker has gone away is
 * still answered, to nobody: the connection that is being made for it serves the next one. `gone` tells that nobody waits
 * for the answer any more, or that it was given.
 *
 * With `tellWhenThere`, the other side is asked to say at once that it hears us (`Expect: 100-continue`), and the asker is told
 * by a 102: a login is over, and only an answer is waited for. `whenThere` may know so by other ways, now or while the asker
 * waits; what it gives back ends that.
 */
export function createProxy(
  open: (options: ProxiedRequest, gone: AbortSignal) => ClientRequest,
  failure: (error: Error, request: ProxiedRequest) => Promise<ApiError>,
  {
    letFinish = () => false,
    tellWhenThere = false,
    whenThere,
  }: {
    letFinish?: (headers: IncomingHttpHeaders) => boolean
    tellWhenThere?: boolean
    whenThere?: (request: ProxiedRequest, tell: () => void) => () => void
  } = {},
): Server {
  return createServer((incoming, outgoing) => {
    const { host: _ours, connection: _hop, expect: _toUs, ...headers } = incoming.headers
    const asked = {
      method: incoming.method,
      path: incoming.url,
      headers: tellWhenThere ? { ...headers, expect: '100-continue' } : headers,
    }
    let isTold = false
    const tell = (): void => {
      if (isTold || outgoing.headersSent || outgoing.destroyed) return
      isTold = true
      outgoing.writeProcessing()
    }
    const unheard = whenThere?.(asked, tell)
    if (unheard !== undefined) outgoing.once('close', unheard)
    const fail = async (error: Error): Promise<void> => {
      const body = JSON.stringify(await failure(error, asked))
      if (outgoing.headersSent) {
        outgoing.destroy()
        return
      }
      outgoing.writeHead(502, { 'content-type': 'application/json' })
      outgoing.end(body)
    }
    const gone = new AbortController()
    outgoing.once('close', () => gone.abort())
    const attempt = (isFirst: boolean): void => {
      let upstream: ClientRequest
      try {
        upstream = open(asked, gone.signal)
      } catch (error) {
        void fail(error instanceof Error ? error : new Error(String(error)))
        return
      }
      if (tellWhenThere) upstream.once('continue', tell)
      let isAnswered = false
      let hasFailed = false
      const onError = (error: Error): void => {
        if (hasFailed) return
        hasFailed = true
        // A kept connection can be dead without having been told so; a question that changes nothing is asked once more.
        const again = isFirst && !isAnswered && upstream.reusedSocket && incoming.method === 'GET'
        if (again && !outgoing.destroyed) attempt(false)
        else void fail(error)
      }
      upstream.once('response', (answer) => {
        isAnswered = true
        if (outgoing.destroyed) {
          answer.resume()
          return
        }
        outgoing.once('close', () => answer.resume())
        outgoing.writeHead(statusOf(answer), answer.headers)
        answer.on('error', () => outgoing.destroy())
        answer.pipe(outgoing)
      })
      upstream.on('error', onError)
      // An answer of 101 brings neither a response nor an error.
      upstream.once('close', () => {
        if (!isAnswered) onError(new Error('the connection was closed without an answer'))
      })
      if (!letFinish(asked.headers)) outgoing.once('close', () => upstream.destroy())
      incoming.pipe(upstream)
    }
    attempt(true)
  })
}

/** What cannot be a status of ours (099, 700) is a bad gateway. */
function statusOf({ statusCode = 0 }: IncomingMessage): number {
  return statusCode >= 200 && statusCode <= 599 ? statusCode : 502
}
