import type { Hono } from 'hono'
import { agentPaths, apiError } from '../api/agent.ts'
import { explain } from '../domain/errors.ts'
import { PlacementQuestion } from '../domain/placement/question.ts'
import type { PlacementDesk } from '../observe/placement.ts'

/** Adds the route of questions about placement; `desks`: by the name of a store that has a pin index. */
export function addPlacementRoute(app: Hono, desks: ReadonlyMap<string, PlacementDesk> | undefined): void {
  app.post(agentPaths.placementRoute, async (context) => {
    const store = context.req.param('store')
    const desk = desks?.get(store)
    if (desk === undefined) return context.json(apiError('not-found', `no pin index is kept of store ${store}`), 404)
    const question = PlacementQuestion.safeParse(jsonOf(await context.req.text()))
    if (!question.success) return context.json(apiError('bad-request', 'this is no question about placement'), 400)
    try {
      return context.json(await desk(question.data, context.req.raw.signal))
    } catch (error) {
      return context.json(apiError('failed', explain(error)), 503)
    }
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
