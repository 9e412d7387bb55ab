import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { assessment } from '../../test/builders/placement.ts'
import { agentPaths } from '../api/agent.ts'
import { Unreachable } from '../domain/errors.ts'
import { PlacementAnswer } from '../domain/placement/answer.ts'
import type { PlacementQuestion } from '../domain/placement/question.ts'
import { milliseconds } from '../domain/units.ts'
import type { PlacementDesk } from '../observe/placement.ts'
import { addPlacementRoute } from './placement-route.ts'

const question: PlacementQuestion = { holders: [], exceptions: [], without: [], keep: 'promise' }

const post = async (store: string, body: string, desk: PlacementDesk) => {
  const app = new Hono()
  addPlacementRoute(app, new Map([['hot', desk]]))
  return app.request(agentPaths.placement(store), { method: 'POST', body })
}
const answers: PlacementDesk = async () => ({ assessment: assessment(), took: milliseconds(3) })

describe('the route of placement', () => {
  test('answers a question in the form of the contract', async () => {
    const answer = await post('hot', JSON.stringify(question), answers)
    expect(answer.status).toBe(200)
    expect(PlacementAnswer.parse(await answer.json()).assessment.pins).toBe(1000)
  })

  test('refuses what is no question, and a store without an index', async () => {
    expect((await post('hot', '{"holders":1}', answers)).status).toBe(400)
    expect((await post('hot', 'no JSON', answers)).status).toBe(400)
    expect((await post('warm', JSON.stringify(question), answers)).status).toBe(404)
  })

  test('says why an index cannot answer', async () => {
    const answer = await post('hot', JSON.stringify(question), () => Promise.reject(new Unreachable('not read yet')))
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('not read yet')
  })
})
