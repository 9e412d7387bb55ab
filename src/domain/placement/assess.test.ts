import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packGroups, type PackedGroups } from '../pins/packed-groups.ts'
import type { PinGroup } from '../pins/pin-group.ts'
import { assess } from './assess.ts'
import type { Assessment } from './assessment.ts'
import { factNames } from './facts-of-pin.ts'
import type { Certainty, CopyException, Holder, PlacementQuestion } from './question.ts'

/** One pin by itself, as nobody would keep ten million of them. */
interface ExplicitPin {
  cid: string
  holders: string[] | 'everywhere'
  replicationMin: number
}

const holder = (peer: string, place: string, pinned: Certainty = 'yes', complete: Certainty = pinned): Holder => ({
  peer,
  place,
  pinned,
  complete,
})

/** The groups that a pin index would make of the pins; `inParts`: each pin a group of its own, given by itself. */
async function* groupsOf(pins: readonly ExplicitPin[], inParts = false): AsyncGenerator<PackedGroups> {
  const groups = new Map<string, PinGroup>()
  for (const { cid, holders, replicationMin } of pins) {
    const key = inParts ? cid : JSON.stringify([holders, replicationMin])
    const group = groups.get(key) ?? { holders, replicationMin, replicationMax: replicationMin, pins: 0 }
    group.pins += 1
    groups.set(key, group)
  }
  if (!inParts) yield packGroups([...groups.values()])
  else for (const group of groups.values()) yield packGroups([group])
}

const ask = (pins: readonly ExplicitPin[], question: Partial<PlacementQuestion>, inParts = false) =>
  assess(
    groupsOf(pins, inParts),
    { holders: [], exceptions: [], without: [], keep: 1, ...question },
    async (cid) => pins.find((pin) => pin.cid === cid),
    sampleOf(pins),
  )

async function* sampleOf(pins: readonly ExplicitPin[]): AsyncGenerator<ExplicitPin> {
  yield* pins
}

const hosts = [holder('a', 'n1'), holder('b', 'n2'), holder('c', 'n3')]

describe('what is lost with a peer', () => {
  test('with replication-min = replication-max, every loss falls below it: to one copy and to none are told apart', async () => {
    const { levels, ofPin } = await ask(
      [
        { cid: '1', holders: ['a', 'b', 'c'], replicationMin: 3 },
        { cid: '2', holders: ['a', 'b'], replicationMin: 2 },
        { cid: '3', holders: ['a'], replicationMin: 1 },
        { cid: '4', holders: ['b', 'c'], replicationMin: 2 },
      ],
      { holders: hosts, without: ['a'] },
    )
    expect(ofPin.touched).toMatchObject({ atLeast: 3, atMost: 3 })
    expect(levels.pinned).toMatchObject({
      fallsBelowMinimum: { atLeast: 3, atMost: 3 },
      fallsToOne: { atLeast: 1, atMost: 1, examples: ['2'] },
      fallsToNone: { atLeast: 1, atMost: 1, examples: ['3'] },
      fallsShort: { atLeast: 1, atMost: 1, examples: ['3'] },
    })
  })

  test('a pin that goes everywhere has less than was promised, and copies enough', async () => {
    const { levels } = await ask([{ cid: '1', holders: 'everywhere', replicationMin: -1 }], {
      holders: hosts,
      without: ['a'],
      keep: 'promise',
    })
    expect(levels.complete).toMatchObject({
      fallsBelowMinimum: { atLeast: 1 },
      fallsToOne: { atMost: 0 },
      fallsShort: { atMost: 0 },
    })
  })

  test('copies on one host are one', async () => {
    const { levels, ofPin } = await ask([{ cid: '1', holders: ['a', 'b'], replicationMin: 2 }], {
      holders: [holder('a', 'n1'), holder('b', 'n1')],
      without: ['a'],
    })
    expect(ofPin.onOneHost).toMatchObject({ atLeast: 1 })
    // Its other copy on that host is still there.
    expect(levels.pinned).toMatchObject({
      oneCopy: { atLeast: 1 },
      fallsToNone: { atMost: 0 },
      fallsShort: { atMost: 0 },
    })
  })

  test('a copy of which nothing is known counts neither for us nor against us', async () => {
    const { levels } = await ask([{ cid: '1', holders: ['a', 'b'], replicationMin: 1 }], {
      holders: [holder('a', 'n1'), holder('b', 'n2', 'maybe')],
      without: ['a'],
    })
    expect(levels.pinned.fallsToNone).toMatchObject({ atLeast: 0, atMost: 1 })
    expect(levels.allocated.fallsToNone).toMatchObject({ atMost: 0 })
  })

  test('a copy at a peer that the fleet does not know is none to rely on', async () => {
    const { levels, ofPin } = await ask([{ cid: '1', holders: ['a', 'x'], replicationMin: 2 }], {
      holders: hosts,
      without: ['a'],
    })
    expect(ofPin.unknownHolder).toMatchObject({ atLeast: 1 })
    expect(levels.pinned.fallsToNone).toMatchObject({ atLeast: 0, atMost: 1 })
  })

  test('copies that were not walked are pinned for certain, and complete perhaps', async () => {
    const { levels } = await ask([{ cid: '1', holders: ['a', 'b'], replicationMin: 2 }], {
      holders: [holder('a', 'n1'), holder('b', 'n2', 'yes', 'maybe')],
      without: ['a'],
    })
    expect(levels.pinned.fallsToNone).toMatchObject({ atMost: 0 })
    expect(levels.complete.fallsToNone).toMatchObject({ atLeast: 0, atMost: 1 })
  })

  test('an exception is counted by itself, and is no example of its group', async () => {
    const pins = ['1', '2', '3'].map((cid) => ({ cid, holders: ['a', 'b'], replicationMin: 2 }))
    const { levels } = await ask(pins, {
      holders: hosts,
      without: ['a'],
      exceptions: [{ peer: 'b', cid: '1', level: 'allocated' }],
    })
    expect(levels.pinned).toMatchObject({
      belowMinimum: { atLeast: 1, examples: ['1'] },
      fallsToNone: { atLeast: 1, atMost: 1, examples: ['1'] },
      fallsToOne: { atLeast: 2, atMost: 2 },
    })
  })
})

async function* fourOnA(): AsyncGenerator<PackedGroups> {
  yield packGroups([{ holders: ['a'], replicationMin: 1, replicationMax: 1, pins: 4 }])
}

test('examples are found among pins by name, and no exception is one of its group', async () => {
  const pins = ['1', '2', '3', '4'].map((cid) => ({ cid, holders: ['a'], replicationMin: 1 }))
  let looked = 0
  async function* sample() {
    for (const pin of pins) {
      looked += 1
      yield pin
    }
  }
  const question: PlacementQuestion = { holders: hosts, exceptions: [], without: ['a'], keep: 1 }
  const pinOf = async (cid: string) => pins.find((pin) => pin.cid === cid)
  const { levels } = await assess(fourOnA(), question, pinOf, sample())
  expect(levels.pinned.fallsToNone.examples).toEqual(['1', '2', '3', '4'])
  const missing = { ...question, exceptions: [{ peer: 'a', cid: '2', level: 'allocated' as const }] }
  const second = await assess(fourOnA(), missing, pinOf, sample())
  expect(second.levels.pinned.fallsToNone.examples).toEqual(['1', '3', '4'])
  expect(second.levels.pinned.noCopy.examples).toEqual(['2'])
  // Where nothing is wrong, nobody looks for examples.
  looked = 0
  await assess(fourOnA(), { ...question, without: [] }, pinOf, sample())
  expect(looked).toBe(0)
})

const peers = ['p0', 'p1', 'p2', 'p3', 'p4']
const stranger = 'p9'
const certainty = fc.constantFrom<Certainty>('no', 'maybe', 'yes', 'yes')
const weaker = (a: Certainty, b: Certainty): Certainty => (a === 'no' || b === 'no' ? 'no' : a === 'maybe' ? a : b)

const someHolders = fc.tuple(
  ...peers.map((peer) =>
    fc
      .record({ place: fc.constantFrom('n1', 'n2', 'n3'), pinned: certainty, complete: certainty })
      .map(({ place, pinned, complete }) => holder(peer, place, pinned, weaker(pinned, complete))),
  ),
)
const somePins = fc
  .array(
    fc.oneof(
      fc.record({
        holders: fc.subarray([...peers, stranger], { minLength: 1, maxLength: 4 }),
        replicationMin: fc.integer({ min: 1, max: 3 }),
      }),
      fc.constant({ holders: 'everywhere' as const, replicationMin: -1 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((pins): ExplicitPin[] => pins.map((pin, index) => ({ ...pin, cid: `c${index}` })))
const someExceptions = fc.uniqueArray(
  fc.record({
    peer: fc.constantFrom(...peers),
    cid: fc.constantFrom('c0', 'c1', 'c2', 'gone'),
    level: fc.constantFrom('allocated' as const, 'pinned' as const),
  }),
  { maxLength: 4, selector: ({ peer, cid }) => `${peer} ${cid}` },
)
const situation = fc.record({
  holders: someHolders,
  pins: somePins,
  exceptions: someExceptions,
  without: fc.subarray(peers),
  keep: fc.constantFrom(0, 1, 2, 'promise' as const),
})
interface Situation {
  holders: Holder[]
  pins: ExplicitPin[]
  exceptions: CopyException[]
  without: string[]
  keep: number | 'promise'
}

/** One way in which all that is not known may be: by coin, each copy of each pin by itself. */
type Coin = (what: string) => boolean

/** How many pins each fact is true of, counted one pin, one copy at a time. */
function bruteForce({ holders, pins, exceptions, without, keep }: Situation, coin: Coin): number[] {
  const sum = factNames.map(() => 0)
  for (const { cid, holders: named, replicationMin } of pins) {
    const isEverywhere = named === 'everywhere'
    const peersOf = isEverywhere ? peers : named
    const minimum = isEverywhere ? peers.length : replicationMin
    const placeOf = (peer: string) => holders.find((one) => one.peer === peer)?.place ?? `place of ${peer}`
    const has = (peer: string, level: 'allocated' | 'pinned' | 'complete'): boolean => {
      if (level === 'allocated') return true
      const known = holders.find((one) => one.peer === peer)
      const exception = exceptions.find((one) => one.peer === peer && one.cid === cid)
      if (exception?.level === 'allocated' || (exception?.level === 'pinned' && level === 'complete')) return false
      const pinned = known?.pinned ?? 'maybe'
      const is = (sure: Certainty, what: string) => (sure === 'maybe' ? coin(`${cid} ${peer} ${what}`) : sure === 'yes')
      const isPinned = is(pinned, 'pinned')
      return level === 'pinned' ? isPinned : isPinned && is(known?.complete ?? 'maybe', 'complete')
    }
    const placesWith = (level: 'allocated' | 'pinned' | 'complete', among: readonly string[]) =>
      new Set(among.filter((peer) => has(peer, level)).map(placeOf)).size
    const stay = peersOf.filter((peer) => !without.includes(peer))
    const touched = stay.length < peersOf.length
    const kept = keep !== 'promise' ? keep : isEverywhere ? Math.min(2, new Set(peers.map(placeOf)).size) : minimum
    for (const [index, { level, fact }] of factNames.entries()) {
      const truth = (): boolean => {
        if (level === undefined) {
          if (fact === 'touched') return touched
          if (fact === 'tooFewHolders') return peersOf.filter((peer) => has(peer, 'pinned')).length < minimum
          if (fact === 'onOneHost') {
            return !isEverywhere && peersOf.length >= minimum && placesWith('allocated', peersOf) < minimum
          }
          return peersOf.includes(stranger)
        }
        const now = placesWith(level, peersOf)
        const after = placesWith(level, stay)
        const enough = (among: readonly string[]) =>
          isEverywhere
            ? among.filter((peer) => has(peer, level)).length >= minimum
            : placesWith(level, among) >= minimum
        if (fact === 'belowMinimum') return !enough(peersOf)
        if (fact === 'oneCopy') return now === 1
        if (fact === 'noCopy') return now === 0
        if (fact === 'fallsBelowMinimum') return enough(peersOf) && !enough(stay)
        if (fact === 'fallsToOne') return now > 1 && after === 1
        if (fact === 'fallsToNone') return now > 0 && after === 0
        return after < now && after < kept
      }
      if (truth()) sum[index] = (sum[index] ?? 0) + 1
    }
  }
  return sum
}

const figuresOf = ({ ofPin, levels }: Assessment): { atLeast: number; atMost: number }[] => [
  ofPin.touched,
  ofPin.tooFewHolders,
  ofPin.onOneHost,
  ofPin.unknownHolder,
  ...[levels.allocated, levels.pinned, levels.complete].flatMap((level) => [
    level.belowMinimum,
    level.oneCopy,
    level.noCopy,
    level.fallsBelowMinimum,
    level.fallsToOne,
    level.fallsToNone,
    level.fallsShort,
  ]),
]

/** A coin that falls the same way for the same copy. */
const coinOf = (seed: number): Coin => {
  return (what) => {
    let hash = seed
    for (const character of what) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619) >>> 0
    return ((hash >>> 7) & 1) === 1
  }
}

/** The same, where all that is not known is there. */
const known = (some: Situation): Situation => ({
  ...some,
  pins: some.pins.filter(({ holders }) => holders === 'everywhere' || !holders.includes(stranger)),
  holders: some.holders.map((one) => ({
    ...one,
    pinned: one.pinned === 'maybe' ? 'yes' : one.pinned,
    complete: one.complete === 'yes' && one.pinned !== 'no' ? 'yes' : 'no',
  })),
})

/** Whether the figures hold whatever is true of what is not known; with a mistake built in where one is given. */
const holds = (mistake: (situation: Situation) => Situation = (some) => some, numRuns = 400) =>
  fc.check(
    fc.asyncProperty(
      situation,
      fc.boolean(),
      fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
      async (some, inParts, seeds) => {
        const wrong = mistake(some)
        const figures = figuresOf(await ask(some.pins, wrong, inParts))
        const coins: Coin[] = [() => true, () => false, ...seeds.map(coinOf)]
        for (const coin of coins) {
          for (const [index, truth] of bruteForce(some, coin).entries()) {
            const { atLeast = 0, atMost = 0 } = figures[index] ?? {}
            if (truth < atLeast || truth > atMost)
              throw new Error(`${factNames[index]?.fact}: ${truth} of ${atLeast}..${atMost}`)
          }
        }
      },
    ),
    { numRuns },
  )

describe('against counting every copy of every pin', () => {
  test('what is true lies between at least and at most, whatever is true of what is not known', async () => {
    expect((await holds()).counterexample).toBeNull()
  })

  test('where everything is known, the two are one: the exact figure', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (some) => {
        const exact = known(some)
        const truth = bruteForce(exact, () => true)
        expect(figuresOf(await ask(exact.pins, exact))).toMatchObject(
          truth.map((count) => ({ atLeast: count, atMost: count })),
        )
      }),
      { numRuns: 300 },
    )
  })

  test.each<[string, (some: Situation) => Situation]>([
    ['exceptions are forgotten', (some) => ({ ...some, exceptions: [] })],
    [
      'what is not known counts as there',
      (some) => ({
        ...some,
        holders: some.holders.map((one) => ({ ...one, pinned: one.pinned === 'maybe' ? 'yes' : one.pinned })),
      }),
    ],
    [
      'what is not known counts as gone',
      (some) => ({
        ...some,
        holders: some.holders.map((one) => ({ ...one, pinned: one.pinned === 'maybe' ? 'no' : one.pinned })),
      }),
    ],
    [
      'each peer counts as a host',
      (some) => ({ ...some, holders: some.holders.map((one) => ({ ...one, place: one.peer })) }),
    ],
    ['one peer too few is missing', (some) => ({ ...some, without: some.without.slice(1) })],
  ])('that is seen here: it fails where %s', async (_name, mistake) => {
    expect((await holds(mistake)).failed).toBe(true)
  })
})

describe('what is not known of single pins', () => {
  const pins = [{ cid: '1', holders: ['a', 'b'], replicationMin: 1 }]

  test('a copy of a pin that the lists of its peer have not met is perhaps there', async () => {
    const question = { holders: hosts, without: ['a'] }
    expect((await ask(pins, question)).levels.pinned.fallsShort).toMatchObject({ atLeast: 0, atMost: 0 })
    const unseen = { ...question, exceptions: [{ peer: 'b', cid: '1', level: 'unseen' as const }] }
    expect((await ask(pins, unseen)).levels.pinned.fallsShort).toMatchObject({ atLeast: 0, atMost: 1 })
  })

  test('a holder that the fleet does not know may be what is stopped, where that is asked', async () => {
    const foreign = [{ cid: '1', holders: ['x'], replicationMin: 1 }]
    const { levels } = await ask(foreign, { holders: hosts, without: ['a'] })
    expect(levels.pinned.fallsShort).toMatchObject({ atLeast: 0, atMost: 0 })
    const asked = await ask(foreign, { holders: hosts, without: ['a'], strangers: 'may-go' })
    expect(asked.levels.pinned.fallsShort).toMatchObject({ atLeast: 0, atMost: 1 })
    const stays = await ask([{ cid: '1', holders: ['x', 'b'], replicationMin: 1 }], {
      holders: hosts,
      without: ['a'],
      strangers: 'may-go',
    })
    expect(stays.levels.pinned.fallsShort).toMatchObject({ atLeast: 0, atMost: 0 })
  })
})
