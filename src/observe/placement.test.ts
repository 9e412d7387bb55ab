import { expect, test } from 'vitest'
import { bench, pinsetSummary } from '../../test/builders/fleet-view.ts'
import { assessment } from '../../test/builders/placement.ts'
import { Unreachable } from '../domain/errors.ts'
import type { PinException } from '../domain/pins/pinset-summary.ts'
import { packGroups } from '../domain/pins/packed-groups.ts'
import type { PlacementQuestion } from '../domain/placement/question.ts'
import type { PinIndex } from '../domain/ports/pin-index.ts'
import { Instant, milliseconds } from '../domain/units.ts'
import { createPlacementDesk, type PlacementSources, placementsOf } from './placement.ts'

const question: PlacementQuestion = { holders: [], exceptions: [], without: [], keep: 1 }
const never = (): never => {
  throw new Unreachable('nobody asks this here')
}

/** An index of one group, that counts how often it is gone through. */
function index(groups: number) {
  const summary = pinsetSummary('p')
  const seen = { readings: 0, summary }
  async function* packedGroups() {
    seen.readings += 1
    const group = { holders: ['a'], replicationMin: 1, replicationMax: 1, pins: 2 }
    yield packGroups(Array.from({ length: groups }, () => group))
  }
  const port: PinIndex = {
    summary: async () => seen.summary,
    snapshot: async (use) => use({ ...port, summary: seen.summary, packedGroups }),
    groups: never,
    exceptions: never,
    nodes: never,
    records: async () => [],
    pin: async () => undefined,
    allocation: never,
    refresh: never,
  }
  return { port, seen }
}

const clock = { now: () => Instant.parse(0) }

test('the same question is answered from memory, until the lists are read again', async () => {
  const { port, seen } = index(3)
  const desk = createPlacementDesk(port, clock)
  expect((await desk(question)).assessment.pins).toBe(6)
  await desk(question)
  expect(seen.readings).toBe(1)
  await desk({ ...question, keep: 2 })
  expect(seen.readings).toBe(2)
  seen.summary = { ...seen.summary, readAt: Instant.parse(seen.summary.readAt + 1) }
  await desk(question)
  expect(seen.readings).toBe(3)
})

const answers: PlacementSources = {
  placement: async () => ({ assessment: assessment(), took: milliseconds(1) }),
  pins: never,
}

test('each cluster whose pins somebody indexes is asked for, through one of its stores', async () => {
  const placements = await placementsOf(bench().view, answers)
  expect(placements).toMatchObject([{ state: 'known', cluster: 'main', by: 'n1/hot' }])
})

test('where nobody keeps an index, nothing is asked, and nothing said', async () => {
  const { view, n1, n2 } = bench()
  for (const { store } of [n1, n2]) Object.assign(store, { pinset: null })
  expect(await placementsOf(view, { ...answers, placement: never })).toEqual([])
})

test('an index that does not answer is unknown, with why', async () => {
  const silent = { ...answers, placement: () => Promise.reject(new Unreachable('nothing came')) }
  expect(await placementsOf(bench().view, silent)).toMatchObject([
    { state: 'unknown', reason: 'the pin index of n1/hot gave no answer: nothing came' },
  ])
})

test('exceptions that the summary does not name are asked for', async () => {
  const { view, n2 } = bench()
  const summary = n2.store.pinset.last?.value
  if (summary === undefined) throw new Error('the bench has an index')
  summary.copies.allocated = 2
  summary.exceptions['not-pinned'] = { count: 2, lasting: 2, examples: [] }
  const some = ['x', 'y'].map((cid): PinException => ({
    kind: 'not-pinned',
    cid,
    name: '',
    reason: '',
    since: Instant.parse(0),
  }))
  const asked: PlacementQuestion[] = []
  const sources: PlacementSources = {
    placement: (_where, what) => {
      asked.push(what)
      return answers.placement(_where, what)
    },
    pins: () => ({
      ...index(0).port,
      async *exceptions(kind) {
        if (kind === 'not-pinned') yield* some
      },
    }),
  }
  const placements = await placementsOf(view, sources)
  expect(asked[0]?.exceptions.map(({ cid }) => cid)).toEqual(['x', 'y'])
  expect(placements).toMatchObject([{ unsure: [] }])
})
