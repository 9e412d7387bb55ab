import type { ServerResponse } from 'node:http'
import type { ApiError } from '../api/agent.ts'
import { rootHeartbeatMs, type RootLine, type RootOutcome } from '../api/executor.ts'
import type { Progress } from '../operations/operation.ts'

/** An operation that is asked for: it tells how far it is, and then how it has ended. */
export type OperationAsked = (told: (progress: Progress) => void) => Promise<RootOutcome>

/** Answers with lines for as long as it takes. Whoever asked may go away: what was begun is brought to its end. */
export async function writeLines(
  outgoing: ServerResponse,
  asked: OperationAsked,
  refusalOf: (error: unknown) => ApiError,
): Promise<void> {
  outgoing.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const write = (line: RootLine) => {
    if (outgoing.writable) outgoing.write(`${JSON.stringify(line)}\n`)
  }
  let last: Progress = {}
  write({ kind: 'running' })
  const heartbeat = setInterval(() => write({ kind: 'running', ...last }), rootHeartbeatMs)
  try {
    const outcome = await asked((progress) => {
      last = progress
      write({ kind: 'running', ...progress })
    })
    write({ kind: 'ended', outcome })
  } catch (error) {
    write({ kind: 'failed', error: refusalOf(error).error })
  } finally {
    clearInterval(heartbeat)
    outgoing.end()
  }
}
