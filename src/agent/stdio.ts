import { request } from 'node:http'
import type { Readable, Writable } from 'node:stream'
import { createProxy } from '../adapters/agent/proxy.ts'
import { joinStreams } from '../adapters/system/join-streams.ts'
import { readSecret } from '../adapters/system/secrets.ts'
import { apiError } from '../api/agent.ts'
import type { AgentConfig } from '../domain/agent-config.ts'
import { explain } from '../domain/errors.ts'

/**
 * `tiercel agent stdio`: one HTTP conversation over stdin and stdout, handed on to the agent's socket with its token.
 * Fit for a key with `restrict,command="tiercel agent stdio"`: nothing that the other side sends can become a command.
 * Ends when stdin ends.
 */
export async function serveStdio(config: AgentConfig, streams: { input: Readable; output: Writable }): Promise<void> {
  const token = await readSecret(config.token)
  const server = createProxy(
    ({ headers, ...options }) =>
      request({
        ...options,
        socketPath: config.socket,
        headers: { ...headers, authorization: `Bearer ${token}`, host: 'agent' },
      }),
    (error) =>
      Promise.resolve(
        apiError(
          'agent-not-running',
          `no agent answers at ${config.socket}: ${explain(error)}`,
          'start it: sudo systemctl start tiercel-agent (its log: journalctl -u tiercel-agent)',
        ),
      ),
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
