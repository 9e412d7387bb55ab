import { expect, test } from 'vitest'
import { Instant } from '../domain/units.ts'
import { buildIndex } from './build-index.ts'
import { openIndexReader } from './index-reader.ts'
import { unhurriedly } from './pace.ts'
import { oddCid, testCid, testFolder, testPeer, testPin, testStore, type TestStore } from './testing.ts'
import { findDue, noteWalked } from './walk.ts'

const startAt = 1_795_420_800_000
const minute = 60_000

const build = (folder: string, { pinning, content }: TestStore, after: number) =>
  buildIndex({
    folder,
    pinning,
    content,
    clock: { now: () => Instant.parse(startAt + after * minute) },
    pace: unhurriedly,
    signal: new AbortController().signal,
  })

/** Walks so many copies, as the walker does, a minute each. */
async function walk(folder: string, store: TestStore, count: number, after: number): Promise<string[]> {
  const due = findDue(folder, count)
  for (const [index, copy] of due.entries()) {
    const found = await store.content.complete(copy.cid)
    noteWalked(folder, copy, found, Instant.parse(startAt + (after + index) * minute))
  }
  return due.map(({ cid }) => cid)
}

function storeOfTen(): TestStore {
  const store = testStore(testPeer(1))
  for (let number = 0; number < 10; number += 1) {
    const cid = number % 3 === 0 ? oddCid(number) : testCid(number)
    store.pins.set(cid, testPin(cid))
  }
  store.pins.set(testCid(50), testPin(testCid(50), { allocations: [testPeer(2)] }))
  store.statuses.set(testCid(1), 'pin_error')
  return store
}

test('every copy is walked, the one that waits the longest first, and only what is held and pinned', async () => {
  using folder = testFolder()
  const store = storeOfTen()
  await build(folder.path, store, 0)
  const first = await walk(folder.path, store, 4, 1)
  const reader = openIndexReader(folder.path)
  expect(reader.summary().copies).toMatchObject({ pinned: 5, complete: 4, allocated: 1 })
  expect(reader.summary().walk).toEqual({ walked: 4, oldest: null })
  const second = await walk(folder.path, store, 20, 10)
  expect(second.slice(0, 5).toSorted()).toEqual(
    [...store.pins.keys()]
      .filter((cid) => !first.includes(cid) && cid !== testCid(1) && cid !== testCid(50))
      .toSorted(),
  )
  expect(second.slice(5)).toEqual(first)
  expect(reader.summary().copies).toMatchObject({ pinned: 0, complete: 9, allocated: 1 })
  expect(await reader.pin(first[0] ?? '')).toMatchObject({ level: 'complete', walkedAt: startAt + 15 * minute })
  findDue(folder.path, 1)
  expect(reader.summary().walk).toEqual({ walked: 9, oldest: startAt + 10 * minute })
})

test('a missing block is an exception that names it, until a walk finds the copy whole', async () => {
  using folder = testFolder()
  const store = storeOfTen()
  store.missing.set(testCid(2), 'bafkreileaf')
  await build(folder.path, store, 0)
  await walk(folder.path, store, 20, 1)
  const reader = openIndexReader(folder.path)
  const incomplete = async () => Array.fromAsync(reader.exceptions('incomplete'))
  expect(await incomplete()).toMatchObject([{ cid: testCid(2), reason: 'missing bafkreileaf' }])
  expect(reader.summary().exceptions.incomplete).toMatchObject({ count: 1, lasting: 1 })
  expect(reader.summary().copies).toMatchObject({ pinned: 1, complete: 8 })
  // Another reading of the lists takes nothing of it away: they say that all is well.
  const [before] = await incomplete()
  await build(folder.path, store, 60)
  expect(await incomplete()).toEqual([before])
  expect(reader.summary().copies).toMatchObject({ pinned: 1, complete: 8 })
  expect(reader.summary().exceptions.incomplete).toMatchObject({ count: 1, lasting: 1 })
  store.missing.clear()
  await walk(folder.path, store, 20, 70)
  expect(await incomplete()).toEqual([])
  expect(reader.summary().exceptions.incomplete).toBeUndefined()
  await build(folder.path, store, 120)
  expect(await incomplete()).toEqual([])
  expect(reader.summary().copies).toMatchObject({ pinned: 0, complete: 9 })
})

test('a copy that goes, and comes back, has to be walked again', async () => {
  using folder = testFolder()
  const store = storeOfTen()
  await build(folder.path, store, 0)
  await walk(folder.path, store, 20, 1)
  store.statuses.set(testCid(2), 'unexpectedly_unpinned')
  await build(folder.path, store, 60)
  store.statuses.delete(testCid(2))
  await build(folder.path, store, 120)
  const reader = openIndexReader(folder.path)
  expect(await reader.pin(testCid(2))).toMatchObject({ level: 'pinned', walkedAt: null })
  expect(await reader.pin(testCid(4))).toMatchObject({ level: 'complete' })
  expect(findDue(folder.path, 1).map(({ cid }) => cid)).toEqual([testCid(2)])
})

test('what was found for a generation that is gone by now is noted in the one that counts', async () => {
  using folder = testFolder()
  const store = storeOfTen()
  await build(folder.path, store, 0)
  const [copy] = findDue(folder.path, 1)
  if (copy === undefined) throw new Error('something is due')
  store.pins.delete([...store.pins.keys()].find((cid) => cid !== copy.cid) ?? '')
  await build(folder.path, store, 60)
  noteWalked(folder.path, copy, { state: 'complete', blocks: 1 }, Instant.parse(startAt))
  const reader = openIndexReader(folder.path)
  expect(await reader.pin(copy.cid)).toMatchObject({ level: 'complete' })
  store.pins.delete(copy.cid)
  await build(folder.path, store, 120)
  noteWalked(folder.path, copy, { state: 'incomplete', missing: 'x' }, Instant.parse(startAt))
  expect(await Array.fromAsync(reader.exceptions('incomplete'))).toEqual([])
})
