import type { Hono } from 'hono'
import { apiError } from '../api/agent.ts'
import { type LookAnswered, LookRequest, operationPaths } from '../api/operations.ts'
import { explain, Stuck } from '../domain/errors.ts'
import { apiVersion } from '../domain/observation.ts'
import { isLookName, lookNames, type LookNow, looks } from '../observe/looks.ts'

/** Looks for those who must not go by an old observation. */
export function addLookRoute(app: Hono, look: LookNow): void {
  app.post(operationPaths.look, async (context) => {
    const request = LookRequest.safeParse(await context.req.json().catch(() => undefined))
    const what = request.data?.what
    if (!request.success || what === undefined || !isLookName(what)) {
      return context.json(apiError('bad-request', `what can be looked at: ${lookNames.join(', ')}`), 400)
    }
    const question = looks[what].Question.safeParse(request.data.question)
    if (!question.success) {
      const wrong = question.error.issues.map(({ path, message }) => [...path, message].join(': '))
      return context.json(apiError('bad-request', `the question to ${what}: ${wrong.join('; ')}`), 400)
    }
    try {
      return context.json({ apiVersion, value: await look(what, question.data) } satisfies LookAnswered)
    } catch (error) {
      return context.json(apiError(error instanceof Stuck ? 'stuck' : 'failed', explain(error)), 503)
    }
  })
}
