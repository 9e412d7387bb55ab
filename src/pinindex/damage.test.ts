import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OpsError } from '../domain/errors.ts'
import { bucketOf, pinKeyOf } from '../domain/pins/pin-key.ts'
import { Instant } from '../domain/units.ts'
import { buildIndex } from './build-index.ts'
import { checkOf, recordBytes } from './format.ts'
import { openIndexReader } from './index-reader.ts'
import { unhurriedly } from './pace.ts'
import { sha256 } from './pin-keys.ts'
import { currentGeneration } from './swap.ts'
import { oddCid, testCid, testFolder, testPeer, testPin, testStore } from './testing.ts'
import { findDue, noteWalked } from './walk.ts'

const startAt = 1_795_420_800_000
const pins = 12

/** An index of a few pins, with exceptions of all sorts, some of them walked. */
async function small(folder: string) {
  const store = testStore(testPeer(1))
  for (const [number, cid] of cids.entries()) {
    store.pins.set(cid, testPin(cid, { allocations: [testPeer(1), testPeer(2 + (number % 2))] }))
  }
  store.statuses.set(testCid(1), 'pin_error')
  store.kuboExtra.add(testCid(999))
  let time = startAt
  const build = () =>
    buildIndex({
      folder,
      pinning: store.pinning,
      content: store.content,
      clock: { now: () => Instant.parse((time += 1000)) },
      pace: unhurriedly,
      signal: new AbortController().signal,
    })
  await build()
  for (const [index, due] of findDue(folder, 4).entries()) {
    noteWalked(
      folder,
      due,
      index === 0 ? { state: 'incomplete', missing: 'x' } : { state: 'complete', blocks: 1 },
      Instant.parse(startAt),
    )
  }
  return { store, build }
}

const cids = Array.from({ length: pins }, (_, number) => (number % 4 === 0 ? oddCid(number) : testCid(number)))
const buckets = cids.map((cid) => bucketOf(pinKeyOf(cid, sha256).key))

/** Everything that an index says. */
async function everythingIn(folder: string): Promise<unknown> {
  const reader = openIndexReader(folder)
  return reader.snapshot(async (generation) => {
    const records = await generation.records(buckets)
    const named = await Promise.all(records.map(({ cid }) => generation.pin(cid)))
    const groups = await Array.fromAsync(generation.groups())
    const exceptions = await Array.fromAsync(generation.exceptions())
    return JSON.stringify({ summary: generation.summary, records, named, groups, exceptions })
  })
}

const outcome = (folder: string): Promise<unknown> =>
  everythingIn(folder).catch((error: unknown) => {
    if (error instanceof OpsError) return 'noticed'
    throw error
  })

const filesOf = (folder: string): string[] => {
  const generation = currentGeneration(folder) ?? ''
  return [join(folder, 'current'), ...readdirSync(generation).map((name) => join(generation, name))]
}

describe('one bit that is turned over', () => {
  test('is noticed, or changes nothing that is told, in every file', { timeout: 120_000 }, async () => {
    using folder = testFolder()
    await small(folder.path)
    const before = await everythingIn(folder.path)
    const harmless = new Set<string>()
    const told: string[] = []
    for (const path of filesOf(folder.path)) {
      const bytes = readFileSync(path)
      const bits = bytes.length * 8
      // Sums are over all alike: some bits, at every place in a byte, stand for all. Of records, see below.
      const step = path.endsWith('meta.json') ? 977 : bits > 1000 ? 13 : 1
      for (let bit = 0; bit < bits; bit += step) {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        writeFileSync(path, flipped)
        const found = await outcome(folder.path)
        if (found === before) harmless.add(path.split('/').at(-1) ?? '')
        else if (found !== 'noticed') told.push(`bit ${bit} of ${path}`)
      }
      writeFileSync(path, bytes)
    }
    expect(told).toEqual([])
    // The end of a line may be any blank.
    expect([...harmless].filter((name) => name !== 'current')).toEqual([])
    expect(await everythingIn(folder.path)).toBe(before)
  })

  test('changes the sum of a record, wherever it is', () => {
    const record = Buffer.from(Array.from({ length: recordBytes }, (_, index) => (index * 37) % 251))
    const check = checkOf(record, 0)
    for (let bit = 0; bit < (recordBytes - 1) * 8; bit += 1) {
      const flipped = Buffer.from(record)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(checkOf(flipped, 0)).not.toBe(check)
    }
  })
})

const files = ['current', 'records', 'sets', 'odd', 'exceptions', 'meta.json', 'walk.json']

const damages: [string, (path: string) => void][] = [
  ['is cut', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
  ['is something else of the same size', (path) => writeFileSync(path, Buffer.alloc(statSync(path).size, 0x78))],
  ['has a wrong bit', (path) => flip(path)],
  ['is gone', (path) => rmSync(path)],
  [
    'is a folder',
    (path) => {
      rmSync(path)
      mkdirSync(path)
    },
  ],
]

function flip(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 16
  writeFileSync(path, bytes)
}

describe('an index of which any file', () => {
  test.each(damages)('%s is made anew by the next reading of the lists', async (_what, damage) => {
    const healed: unknown[] = []
    for (const name of files) {
      using folder = testFolder()
      const { build } = await small(folder.path)
      const path = filesOf(folder.path).find((file) => file.endsWith(`/${name}`)) ?? ''
      damage(path)
      healed.push([name, (await build()).held, await outcome(folder.path)])
    }
    expect(healed).toEqual(files.map((name) => [name, pins, expect.stringContaining(`"pins":${pins}`)]))
  })

  test('has a wrong record keeps what it knows of the pins in its other parts', async () => {
    using folder = testFolder()
    const { build } = await small(folder.path)
    const walked = openIndexReader(folder.path).summary().copies
    const path = filesOf(folder.path).find((file) => file.endsWith('/records')) ?? ''
    const bytes = readFileSync(path)
    bytes[5] = (bytes[5] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const { copies } = await build()
    expect(copies.complete).toBeGreaterThanOrEqual(walked.complete - 1)
  })
})
