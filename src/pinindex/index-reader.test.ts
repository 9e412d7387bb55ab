import { expect, test } from 'vitest'
import { Instant } from '../domain/units.ts'
import { buildIndex } from './build-index.ts'
import { openIndexReader } from './index-reader.ts'
import { unhurriedly } from './pace.ts'
import { testCid, testFolder, testPeer, testPin, testStore } from './testing.ts'

/** Whether something else had its turn while the groups were gone through, of which each has `holders` holders of its own. */
async function letsOthers(groups: number, holders: number): Promise<boolean> {
  using folder = testFolder()
  const store = testStore(testPeer(1))
  for (let number = 0; number < groups; number += 1) {
    const allocations = Array.from({ length: holders }, (_, index) => testPeer(1 + ((number + index * 7) % 5000)))
    const pin = testPin(testCid(number), { allocations })
    store.pins.set(pin.cid, pin)
  }
  const clock = { now: () => Instant.parse(1_795_420_800_000) }
  const { pinning, content } = store
  const signal = new AbortController().signal
  await buildIndex({ folder: folder.path, pinning, content, clock, pace: unhurriedly, signal })
  let hadTurn = false
  return await openIndexReader(folder.path).snapshot(async (generation) => {
    setImmediate(() => {
      hadTurn = true
    })
    let pins = 0
    let wasInBetween = false
    for await (const { bytes } of generation.packedGroups()) {
      wasInBetween ||= hadTurn
      pins += bytes.length / (7 + 2 * holders)
    }
    expect(pins).toBe(groups)
    return wasInBetween
  })
}

test('a pinset with many groups lets the process do other things between its blocks', async () => {
  expect(await letsOthers(100, 500)).toBe(true)
})

test('that is seen here: one of a single block is gone through at once', async () => {
  expect(await letsOthers(100, 3)).toBe(false)
})
