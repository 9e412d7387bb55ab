import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packGroups } from '../pins/packed-groups.ts'
import type { PinGroup } from '../pins/pin-group.ts'
import { createGroupCounter } from './count-groups.ts'
import { createJudge, type FactsOfPin } from './facts-of-pin.ts'
import type { Certainty, PlacementQuestion } from './question.ts'

const peers = Array.from({ length: 12 }, (_, number) => `p${number}`)
const certainty = fc.constantFrom<Certainty>('no', 'maybe', 'yes')
const someQuestion: fc.Arbitrary<PlacementQuestion> = fc.record({
  // The last two are strangers.
  holders: fc
    .array(fc.record({ place: fc.constantFrom('n1', 'n2', 'n3', 'n4'), pinned: certainty, complete: certainty }), {
      minLength: 10,
      maxLength: 10,
    })
    .map((holders) => holders.map((holder, number) => ({ peer: `p${number}`, ...holder }))),
  exceptions: fc.constant([]),
  without: fc.subarray(peers),
  keep: fc.constantFrom(0, 1, 2, 'promise' as const),
  strangers: fc.constantFrom('stay' as const, 'may-go' as const),
})
const someGroup: fc.Arbitrary<PinGroup> = fc.record({
  holders: fc.oneof(
    fc.subarray(peers),
    // As no Cluster writes them, and still to be counted alike.
    fc.array(fc.constantFrom(...peers), { maxLength: 9 }),
    fc.constant('everywhere' as const),
  ),
  replicationMin: fc.integer({ min: -1, max: 9 }),
  replicationMax: fc.integer({ min: -1, max: 9 }),
  pins: fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
})

type Sums = Map<string, number>

const add = (sums: Sums, facts: FactsOfPin, pins: number): void => {
  const key = JSON.stringify([facts.certain, facts.possible])
  if (pins > 0) sums.set(key, (sums.get(key) ?? 0) + pins)
}

/** Counted from memory, and each group by itself. */
function both(
  question: PlacementQuestion,
  batches: readonly PinGroup[][],
  wronged = (group: PinGroup) => group,
  room?: number,
) {
  const judge = createJudge(question)
  const [quick, slow]: [Sums, Sums] = [new Map(), new Map()]
  const counter = createGroupCounter(question, judge, (facts, pins) => add(quick, facts, pins), room)
  for (const batch of batches) counter.add(packGroups(batch.map(wronged)))
  counter.end()
  for (const group of batches.flat()) add(slow, judge(group), group.pins)
  return { quick, slow }
}

// Several batches, so that numbers mean something else in each.
const batches = fc.array(fc.array(someGroup, { maxLength: 30 }), { maxLength: 4 })

describe('groups that are counted from memory', () => {
  test('have the figures that they have when each is judged by itself', () => {
    fc.assert(
      fc.property(someQuestion, batches, (question, some) => {
        const { quick, slow } = both(question, some)
        expect(quick).toEqual(slow)
      }),
      { numRuns: 500 },
    )
  })

  test('that is seen here: with the wish of the first group for all, they have others', () => {
    const { failed } = fc.check(
      fc.property(someQuestion, batches, (question, some) => {
        const first = some.flat()[0]?.replicationMin ?? 0
        const { quick, slow } = both(question, some, (group) => ({ ...group, replicationMin: first }))
        expect(quick).toEqual(slow)
      }),
      { numRuns: 500 },
    )
    expect(failed).toBe(true)
  })

  test('where so many are unlike that there is no room for them, too', () => {
    fc.assert(
      fc.property(someQuestion, batches, fc.integer({ min: 1, max: 2000 }), (question, some, room) => {
        const { quick, slow } = both(question, some, undefined, room)
        expect(quick).toEqual(slow)
      }),
      { numRuns: 200 },
    )
  })
})
