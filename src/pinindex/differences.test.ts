import * as fc from 'fast-check'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Pin } from '../domain/pinning.ts'
import { canonicalPin } from '../domain/pins/canonical-pin.ts'
import { findDifferences } from '../domain/pins/find-differences.ts'
import type { PinIndex } from '../domain/ports/pin-index.ts'
import { Instant } from '../domain/units.ts'
import { buildIndex } from './build-index.ts'
import { openIndexReader } from './index-reader.ts'
import { unhurriedly } from './pace.ts'
import { oddCid, testCid, testFolder, testPeer, testPin, testStore } from './testing.ts'

/** A pinset by numbers: how each pin is on one side. */
type Side = Record<number, 'a' | 'b' | undefined>

const side = fc.dictionary(fc.integer({ min: 0, max: 80 }).map(String), fc.constantFrom('a', 'a', 'a', 'b'), {
  maxKeys: 80,
}) as fc.Arbitrary<Side>

function pinsOf(pins: Side): Map<string, Pin> {
  return new Map(
    Object.entries(pins).map(([number, how]) => {
      const cid = Number(number) % 4 === 0 ? oddCid(Number(number)) : testCid(Number(number))
      return [cid, testPin(cid, how === 'b' ? { metadata: { changed: 'yes' } } : {})]
    }),
  )
}

async function indexOf(folder: string, pins: Map<string, Pin>, peer: number): Promise<PinIndex> {
  const store = testStore(testPeer(peer))
  store.pins = pins
  const path = join(folder, String(peer))
  await buildIndex({
    folder: path,
    pinning: store.pinning,
    content: store.content,
    clock: { now: () => Instant.parse(1_795_420_800_000) },
    pace: unhurriedly,
    signal: new AbortController().signal,
  })
  const reader = openIndexReader(path)
  return {
    ...reader,
    summary: async () => reader.summary(),
    allocation: (cid) => store.pinning.allocation(cid),
    refresh: async () => reader.summary(),
  }
}

const textOf = (pin: Pin | undefined): string => (pin === undefined ? '' : canonicalPin(pin))

/** Whether exactly the pins that differ are found, and sums are equal just where pinsets are; `spoil` breaks the tree. */
async function findsExactly(spoil: (index: PinIndex) => PinIndex = (index) => index) {
  return fc.check(
    fc.asyncProperty(side, side, async (one, other) => {
      using folder = testFolder()
      const [mine, theirs] = [pinsOf(one), pinsOf(other)]
      const indexes = [await indexOf(folder.path, mine, 1), await indexOf(folder.path, theirs, 2)]
      const differ = [...new Set([...mine.keys(), ...theirs.keys()])].filter(
        (cid) => textOf(mine.get(cid)) !== textOf(theirs.get(cid)),
      )
      const found = await findDifferences(indexes.map(spoil), { most: 1000 })
      expect(found.differences.map(({ cid }) => cid).toSorted()).toEqual(differ.toSorted())
      const digests = await Promise.all(indexes.map(async (index) => (await index.summary()).digest))
      expect(digests[0] === digests[1]).toBe(differ.length === 0)
    }),
    { numRuns: 15 },
  )
}

test('exactly the pins that differ are found, and equal pinsets have equal sums', async () => {
  expect((await findsExactly()).failed).toBe(false)
})

test('that is seen here: with sums that are all the same, nothing would be found', async () => {
  const spoiled = await findsExactly((index) => ({
    ...index,
    nodes: async (...asked) =>
      (await index.nodes(...asked)).map(({ parent, sums }) => ({ parent, sums: sums.map(() => '0'.repeat(16)) })),
  }))
  expect(spoiled.failed).toBe(true)
})
