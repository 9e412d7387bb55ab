import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PinStatus } from '../domain/pinning.ts'
import { canonicalPin } from '../domain/pins/canonical-pin.ts'
import { exceptionOf } from '../domain/pins/copy-state.ts'
import { bucketOf, pinKeyOf } from '../domain/pins/pin-key.ts'
import { Instant } from '../domain/units.ts'
import { buildIndex } from './build-index.ts'
import { IndexFailed, NotIndexedYet } from './errors.ts'
import { openIndexReader } from './index-reader.ts'
import { unhurriedly } from './pace.ts'
import { sha256 } from './pin-keys.ts'
import { currentGeneration } from './swap.ts'
import { ListCut, oddCid, testCid, testFolder, testPeer, testPin, testStore, type TestStore } from './testing.ts'
import { noteStart } from './unclean-stop.ts'

const startAt = 1_795_420_800_000

function build(folder: string, store: TestStore, now = startAt) {
  return buildIndex({
    folder,
    pinning: store.pinning,
    content: store.content,
    clock: { now: () => Instant.parse(now) },
    pace: unhurriedly,
    signal: new AbortController().signal,
  })
}

/** What an index must say, worked out the plain way. */
function model({ pins, statuses, kuboExtra, kuboLacks, peer }: TestStore) {
  const held = [...pins.values()].filter((pin) => pin.replicationMin === -1 || pin.allocations.includes(peer))
  const statusOf = (cid: string): PinStatus =>
    statuses.get(cid) ?? (held.some((pin) => pin.cid === cid) ? 'pinned' : 'remote')
  const inKubo = (cid: string) =>
    !kuboLacks.has(cid) && (kuboExtra.has(cid) || (held.some((pin) => pin.cid === cid) && statusOf(cid) === 'pinned'))
  const exceptions = [
    ...[...pins.values()].map((pin) => ({
      cid: pin.cid,
      kind: exceptionOf({
        isHeld: held.includes(pin),
        status: statusOf(pin.cid),
        isInKubo: inKubo(pin.cid),
        isDirect: pin.mode === 'direct',
      }),
    })),
    ...[...kuboExtra].filter((cid) => !pins.has(cid) && inKubo(cid)).map((cid) => ({ cid, kind: 'orphan' as const })),
  ].filter(({ kind }) => kind !== undefined)
  const records = [...pins.values()].map((pin) => ({
    cid: pin.cid,
    digest: createHash('sha256').update(canonicalPin(pin)).digest('hex').slice(0, 16),
  }))
  const groups = new Map<string, number>()
  for (const { allocations, replicationMin, replicationMax } of pins.values()) {
    const holders = replicationMin === -1 ? 'everywhere' : allocations.toSorted()
    const key = JSON.stringify([holders, replicationMin, replicationMax])
    groups.set(key, (groups.get(key) ?? 0) + 1)
  }
  const pinned = held.filter(({ cid }) => statusOf(cid) === 'pinned').length
  return { held: held.length, pinned, exceptions, records, groups }
}

const byCid = (a: { cid: string }, b: { cid: string }) => (a.cid < b.cid ? -1 : 1)

async function expectToBeAsModel(folder: string, store: TestStore): Promise<void> {
  const reader = openIndexReader(folder)
  const expected = model(store)
  const summary = reader.summary()
  expect(summary).toMatchObject({ peer: store.peer, pins: store.pins.size, held: expected.held, unverified: false })
  expect(summary.copies.pinned).toBe(expected.pinned)
  const exceptions = await Array.fromAsync(reader.exceptions())
  expect(exceptions.map(({ cid, kind }) => ({ cid, kind })).toSorted(byCid)).toEqual(
    expected.exceptions.toSorted(byCid),
  )
  const buckets = [...store.pins.keys()].map((cid) => bucketOf(pinKeyOf(cid, sha256).key))
  const records = await reader.records([...new Set(buckets)])
  expect(records.toSorted(byCid)).toEqual(expected.records.toSorted(byCid))
  const groups = new Map<string, number>()
  for await (const { holders, replicationMin, replicationMax, pins } of reader.groups()) {
    const key = JSON.stringify([holders, replicationMin, replicationMax])
    groups.set(key, (groups.get(key) ?? 0) + pins)
  }
  expect(groups).toEqual(expected.groups)
  for (const { cid, allocations, replicationMin } of [...store.pins.values()].slice(0, 20)) {
    const holders = replicationMin === -1 ? 'everywhere' : allocations.toSorted()
    expect(await reader.pin(cid)).toMatchObject({ cid, holders, replicationMin })
  }
  expect(await reader.pin(testCid(-1))).toBeUndefined()
}

/** Random changes: pins come, go and change; Kubo and tracker disagree with them. */
const change = fc.record({
  cid: fc.integer({ min: 0, max: 60 }).map((number) => (number % 4 === 0 ? oddCid(number) : testCid(number))),
  does: fc.constantFrom('add', 'add', 'add', 'everywhere', 'remove', 'status', 'extra', 'lack'),
  holders: fc.subarray([1, 2, 3, 4], { minLength: 1 }),
  status: fc.constantFrom<PinStatus>('pin_error', 'pin_queued', 'unexpectedly_unpinned', 'pinning'),
  mode: fc.constantFrom<('recursive' | 'direct')[]>('recursive', 'recursive', 'direct'),
})
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never

function apply(store: TestStore, { cid, does, holders, status, mode }: Change): void {
  if (does === 'add') store.pins.set(cid, testPin(cid, { allocations: holders.map(testPeer), mode }))
  else if (does === 'everywhere')
    store.pins.set(cid, testPin(cid, { allocations: [], replicationMin: -1, replicationMax: -1 }))
  else if (does === 'remove') store.pins.delete(cid)
  else if (does === 'extra') store.kuboExtra.add(cid)
  else if (does === 'lack') store.kuboLacks.add(cid)
  else if (store.pins.get(cid)?.allocations.includes(store.peer) === true) store.statuses.set(cid, status)
  if (does === 'remove' || does === 'add' || does === 'everywhere') store.statuses.delete(cid)
}

describe('an index', () => {
  // oxlint-disable-next-line vitest/expect-expect -- they are in expectToBeAsModel
  test('says what the lists say, whatever they say, generation after generation', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 40 }), { minLength: 1, maxLength: 3 }),
        async (rounds) => {
          using folder = testFolder()
          const store = testStore(testPeer(1))
          for (const [round, changes] of rounds.entries()) {
            for (const one of changes) apply(store, one)
            await build(folder.path, store, startAt + round * 60_000)
            await expectToBeAsModel(folder.path, store)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  test('keeps since when an exception is met, and tells what lasts from what is new', async () => {
    using folder = testFolder()
    const store = testStore(testPeer(1))
    for (let number = 0; number < 10; number += 1) store.pins.set(testCid(number), testPin(testCid(number)))
    store.statuses.set(testCid(3), 'pin_error')
    await build(folder.path, store)
    store.kuboExtra.add(testCid(99))
    const later = await build(folder.path, store, startAt + 60_000)
    expect(later.exceptions['in-error']).toMatchObject({ count: 1, lasting: 1 })
    expect(later.exceptions['in-error']?.examples[0]).toMatchObject({
      since: startAt,
      reason: expect.stringMatching('luck'),
    })
    expect(later.exceptions.orphan).toMatchObject({ count: 1, lasting: 0 })
    expect(later.digestSince).toBe(startAt)
    store.pins.delete(testCid(1))
    expect((await build(folder.path, store, startAt + 120_000)).digestSince).toBe(startAt + 120_000)
  })

  test.each(['allocations', 'pins', 'kubo'] as const)(
    'is left as it is where the list of %s ends early',
    async (list) => {
      using folder = testFolder()
      const store = testStore(testPeer(1))
      for (let number = 0; number < 50; number += 1) store.pins.set(testCid(number), testPin(testCid(number)))
      const before = await build(folder.path, store)
      store.pins.set(testCid(50), testPin(testCid(50)))
      for (const after of [0, 1, 49, 51]) {
        store.cut = { list, after }
        await expect(build(folder.path, store, startAt + 60_000)).rejects.toThrow(ListCut)
      }
      expect(openIndexReader(folder.path).summary()).toEqual(before)
      expect(readdirSync(folder.path).filter((name) => name === 'building')).toEqual([])
      // Uncut, the same lists give a new one.
      store.cut = undefined
      expect((await build(folder.path, store, startAt + 60_000)).pins).toBe(51)
    },
  )

  test('refuses a list that names a pin twice', async () => {
    using folder = testFolder()
    const store = testStore(testPeer(1))
    store.pins.set('a', testPin(testCid(1)))
    store.pins.set('b', testPin(testCid(1), { name: 'again' }))
    await expect(build(folder.path, store)).rejects.toThrow('listed one pin twice')
  })
})

const filesOf = (folder: string) => {
  const generation = currentGeneration(folder) ?? ''
  return readdirSync(generation).map((name) => join(generation, name))
}
async function indexed(folder: string): Promise<TestStore> {
  const store = testStore(testPeer(1))
  for (let number = 0; number < 300; number += 1) {
    const cid = number % 5 === 0 ? oddCid(number) : testCid(number)
    store.pins.set(cid, testPin(cid))
  }
  store.statuses.set(testCid(1), 'pin_error')
  await build(folder, store)
  return store
}

describe('files that were cut or are something else', () => {
  test('are refused wherever they are cut, and made anew', async () => {
    using folder = testFolder()
    const store = await indexed(folder.path)
    const names = filesOf(folder.path).map((path) => path.split('/').at(-1) ?? '')
    expect(names.toSorted()).toEqual(['exceptions', 'meta.json', 'odd', 'records', 'sets'])
    for (const name of names) {
      for (const share of [0, 0.3, 0.999]) {
        const path = filesOf(folder.path).find((file) => file.endsWith(`/${name}`)) ?? ''
        truncateSync(path, Math.floor(statSync(path).size * share))
        expect(() => openIndexReader(folder.path).summary(), `${name} cut at ${share}`).toThrow(IndexFailed)
        await build(folder.path, store)
        await expectToBeAsModel(folder.path, store)
      }
    }
  })

  test('a changed digest is noticed when it is read', async () => {
    using folder = testFolder()
    await indexed(folder.path)
    const path = filesOf(folder.path).find((file) => file.endsWith('/records')) ?? ''
    const bytes = readFileSync(path)
    const first = bytes[0] ?? 0
    bytes[35] = (bytes[35] ?? 0) ^ 1
    writeFileSync(path, bytes)
    await expect(openIndexReader(folder.path).nodes(2, [first])).rejects.toThrow('not as it was written')
  })

  test('a folder without an index says that there is none yet', () => {
    using folder = testFolder()
    expect(() => openIndexReader(folder.path).summary()).toThrow(NotIndexedYet)
    writeFileSync(join(folder.path, 'current'), '../../etc\n')
    expect(() => openIndexReader(folder.path).summary()).toThrow(NotIndexedYet)
  })
})

async function started() {
  const root = testFolder()
  const folder = join(root.path, 'hot')
  noteStart(root.path, { id: 'one', previous: null })
  const store = testStore(testPeer(1))
  store.pins.set(testCid(1), testPin(testCid(1)))
  await build(folder, store)
  const boot = (id: string, previous: string, ended: 'clean' | 'unclean' | 'unknown') =>
    noteStart(root.path, { id, previous: { id: previous, ended, seenAt: Instant.parse(startAt) } })
  return { root, folder, store, boot, reader: openIndexReader(folder) }
}

describe('a stop of the host that was not in order', () => {
  test.each(['unclean', 'unknown'] as const)(
    'puts copies back to allocated until the lists are read: %s',
    async (ended) => {
      const { root, folder, store, boot, reader } = await started()
      using _ = root
      expect(boot('two', 'one', ended)).toEqual({ isInDoubt: true })
      expect(reader.summary().copies).toMatchObject({ allocated: 1, pinned: 0 })
      expect(await reader.pin(testCid(1))).toMatchObject({ level: 'allocated', walkedAt: null })
      await build(folder, store)
      expect(reader.summary().copies).toMatchObject({ allocated: 0, pinned: 1 })
    },
  )

  test('is none where the boot ended in order, or only the agent was started again', async () => {
    const { root, boot, reader } = await started()
    using _ = root
    expect(boot('one', 'zero', 'unclean')).toEqual({ isInDoubt: false })
    expect(boot('two', 'one', 'clean')).toEqual({ isInDoubt: false })
    expect(reader.summary().copies).toMatchObject({ allocated: 0, pinned: 1 })
    // A boot in between, of which nothing is known.
    expect(boot('four', 'three', 'clean')).toEqual({ isInDoubt: true })
  })
})
