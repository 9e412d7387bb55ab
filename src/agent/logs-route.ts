import type { Hono } from 'hono'
import { agentPaths, apiError } from '../api/agent.ts'
import { type LogLine, readLogsQuery } from '../api/logs.ts'
import { explain, NotPermitted, ProgramMissing } from '../domain/errors.ts'
import type { Logs } from '../domain/ports/logs.ts'

/** Each is a child process, or a look at the kernel's rings every two seconds. */
const mostAtOnce = 16

export function addLogsRoute(app: Hono, logs: Logs | undefined): void {
  if (logs === undefined) return
  const answer = logsAnswers(logs)
  app.get(agentPaths.logs, (context) => answer(new URL(context.req.url).searchParams))
}

/**
 * Answers `GET /v1/logs`: a line for each item, written no faster than it is read. What was started for it ends when
 * whoever asked has gone.
 */
function logsAnswers(logs: Logs): (words: URLSearchParams) => Response {
  let underWay = 0
  return (words) => {
    const query = readLogsQuery(words)
    if (!query.success) {
      const why = query.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
      return Response.json(apiError('bad-request', `the logs cannot be asked for like this: ${why}`), { status: 400 })
    }
    if (underWay >= mostAtOnce) {
      const message = `this agent already sends logs to ${mostAtOnce} readers`
      return Response.json(apiError('busy', message, 'end one of them (tiercel logs --follow), or wait'), {
        status: 503,
      })
    }
    underWay += 1
    const gone = new AbortController()
    const lines = logLines(logs.read(query.data, gone.signal))
    const finish = (): void => {
      if (!gone.signal.aborted) underWay -= 1
      gone.abort()
    }
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await lines.next()
          if (done === true) {
            finish()
            controller.close()
          } else if (!gone.signal.aborted) {
            controller.enqueue(Buffer.from(`${JSON.stringify(value)}\n`))
          }
        },
        cancel: finish,
      },
      { highWaterMark: 0 },
    )
    return new Response(body, { headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' } })
  }
}

/** A failure in the middle cannot change the status any more: it is the last line. */
async function* logLines(items: ReturnType<Logs['read']>): AsyncGenerator<LogLine, void, undefined> {
  try {
    yield* items
  } catch (error) {
    const hint = error instanceof NotPermitted || error instanceof ProgramMissing ? error.hint : undefined
    yield { kind: 'failed', error: apiError('failed', explain(error), hint).error }
  }
}
