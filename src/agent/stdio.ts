import type { Readable, Writable } from 'node:stream'
import { createProxy } from '../adapters/agent/proxy.ts'
import { request } from '../adapters/http/node-http.ts'
import { joinStreams } from '../adapters/system/join-streams.ts'
import type { ApiError } from '../api/agent.ts'
import { explain } from '../domain/errors.ts'
import { grantHeader } from '../domain/grant-token.ts'

const lookOnlyError: ApiError = {
  error: {
    code: 'look-only',
    message: 'this key may only look (tiercel agent stdio --look-only): nothing is changed through it',
    hint: 'a controller needs a key without --look-only',
  },
}

/** Only looks may go through, and this would change something. */
class LookOnly extends Error {}

/** What is sent by POST and changes nothing: questions that are long, and reading the lists of pins anew. */
const lookPaths = /^\/v1\/(look|stores\/[^/?#]+\/placement|pins\/[^/?#]+\/refresh)$/

/**
 * `tiercel agent stdio`: one HTTP conversation over stdin and stdout, handed on to the agent's socket with its token.
 * Fit for a key with `restrict,command="tiercel agent stdio"`: nothing that the other side sends can become a command.
 * `grantToken`: whoever comes here may say whom the host obeys. `lookOnly`: nothing but looks goes through.
 * Ends when stdin ends. Imports little: on a slow host, the start of this is most of what a first look takes.
 */
export async function serveStdio(
  {
    socket,
    token,
    grantToken,
    lookOnly = false,
  }: { socket: string; token: string; grantToken?: string | undefined; lookOnly?: boolean },
  streams: { input: Readable; output: Writable },
): Promise<void> {
  const server = createProxy(
    ({ headers, ...options }) => {
      const { method = 'GET', path = '' } = options
      if (lookOnly && method !== 'GET' && !(method === 'POST' && lookPaths.test(path))) throw new LookOnly()
      return request({
        ...options,
        socketPath: socket,
        headers: {
          ...headers,
          ...(grantToken === undefined || lookOnly ? {} : { [grantHeader]: grantToken }),
          authorization: `Bearer ${token}`,
          host: 'agent',
        },
      })
    },
    (error) => {
      if (error instanceof LookOnly) return Promise.resolve(lookOnlyError)
      return Promise.resolve({
        error: {
          code: 'agent-not-running',
          message: `no agent answers at ${socket}: ${explain(error)}`,
          hint: 'start it: sudo systemctl start tiercel-agent (its log: journalctl -u tiercel-agent)',
        },
      } satisfies ApiError)
    },
  )
  const conversation = joinStreams(streams.input, streams.output)
  await new Promise<void>((resolve) => {
    conversation.once('close', resolve)
    conversation.once('error', () => resolve())
    // One connection, for as long as it lasts: no idle time-out of our own.
    server.keepAliveTimeout = 0
    server.requestTimeout = 0
    server.headersTimeout = 0
    server.emit('connection', conversation)
  })
}
