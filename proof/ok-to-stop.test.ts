import { expect, test } from 'vitest'
import type { PinIndex, PinSnapshot } from '../src/domain/ports/pin-index.ts'
import { Instant } from '../src/domain/units.ts'
import type { PlacementSources } from '../src/observe/placement.ts'
import { askWorlds } from './ok-to-stop.ts'
import { askWorld } from './ok-to-stop-worlds.ts'

const worlds = 400

test('small clusters as they really are: never yes where it is no, and yes where it is', async () => {
  const { wrongYes, yes, fine, needless } = await askWorlds(worlds, 1000)
  expect(wrongYes).toEqual([])
  expect(yes).toBeGreaterThan(worlds / 5)
  expect(needless / fine).toBeLessThan(0.03)
})

/** The same sources with every index changed, and the answers of agents as well. */
const withIndexes =
  (change: (index: PinIndex) => PinIndex, readAt?: Instant) =>
  (sources: PlacementSources): PlacementSources => ({
    pins: (host, store) => change(sources.pins(host, store)),
    placement: async (where, question, signal) => {
      const answer = await sources.placement(where, question, signal)
      return readAt === undefined ? answer : { ...answer, readAt }
    },
  })

const later = Instant.parse(1_900_000_000_000)
const asIfNew = (index: PinIndex): PinIndex => ({
  ...index,
  refresh: () => index.snapshot(async ({ summary }) => ({ ...summary, readAt: later })),
  snapshot: (use) =>
    index.snapshot((generation) => use({ ...generation, summary: { ...generation.summary, readAt: later } })),
})

test('that is seen here: with lists that pass for new ones, there are wrong answers', async () => {
  const sources = withIndexes(asIfNew, later)
  const { wrongYes } = await askWorlds(worlds, 1000, (seed) => askWorld(seed, { sources }))
  expect(wrongYes.length).toBeGreaterThan(0)
})

/** Sums of a tree in which nothing differs. */
const same: PinSnapshot['nodes'] = async (_level, prefixes) =>
  (prefixes.length === 0 ? [null] : prefixes).map((parent) => ({
    parent,
    sums: Array.from({ length: 256 }, () => '0'.repeat(16)),
  }))

const alike = (index: PinIndex): PinIndex => ({
  ...index,
  snapshot: (use) => index.snapshot((generation) => use({ ...generation, nodes: same })),
})

test('that is seen here: where what differs is not found, there are wrong answers', async () => {
  const sources = withIndexes(alike)
  const { wrongYes } = await askWorlds(worlds, 1000, (seed) => askWorld(seed, { sources }))
  expect(wrongYes.length).toBeGreaterThan(0)
})
