import { expect, test } from 'vitest'
import { disk, poolStatus } from '../../test/builders/pool-status.ts'
import { now } from '../../test/builders/readings.ts'
import type { DamageMemory } from '../domain/damage-memory.ts'
import type { PoolStatus, Scan } from '../domain/pool-status.ts'
import type { DamageNotes } from '../domain/ports/damage-notes.ts'
import { Instant } from '../domain/units.ts'
import { damageKeeper } from './damage-keeper.ts'

const at = (seconds: number) => Instant.parse(now + seconds * 1000)
const pool = (paths: string[], scan: Partial<Scan> = {}): PoolStatus => {
  const status = poolStatus('pe', [disk('sda')])
  const [last] = status.scans
  return {
    ...status,
    scans: last === undefined ? [] : [{ ...last, ...scan }],
    dataErrors: { count: paths.length, paths },
  }
}
const stopped: Partial<Scan> = { state: 'canceled', startedAt: at(2), endedAt: at(5), extent: undefined }

/** Notes in memory, and how often they were written. */
function notes(fails = false): DamageNotes & { written: DamageMemory[] } {
  const written: DamageMemory[] = []
  return {
    written,
    read: async () => structuredClone(written.at(-1)),
    async write(memory) {
      if (fails) throw new Error('the disk is full')
      written.push(structuredClone(memory))
    },
  }
}

test('a keeper that begins anew knows what the one before it has seen', async () => {
  const kept = notes()
  await damageKeeper(kept).note([pool(['/pe/a'])], at(0))
  const [status] = await damageKeeper(kept).note([pool([], stopped)], at(10))
  expect(status?.dataErrors.unread).toEqual({ count: 1, paths: ['/pe/a'], listedAt: at(0) })
  const [without] = await damageKeeper(notes()).note([pool([], stopped)], at(10))
  expect(without?.dataErrors.unread).toBeUndefined()
})

test('notes are written when the damage or a scan has changed, and never of a pool that is whole', async () => {
  const kept = notes()
  const keeper = damageKeeper(kept)
  for (let look = 0; look < 50; look += 1) await keeper.note([pool([])], at(look))
  expect(kept.written).toHaveLength(0)
  for (let look = 50; look < 100; look += 1) await keeper.note([pool(['/pe/a'])], at(look))
  expect(kept.written).toHaveLength(1)
  await keeper.note([pool(['/pe/a'], { startedAt: at(101), endedAt: at(102) })], at(103))
  expect(kept.written).toHaveLength(2)
  // A whole scrub that the notes are younger than does not end the memory of what was listed after it.
  const begun = damageKeeper(kept)
  const [status] = await begun.note([pool([], { ...stopped, startedAt: at(104), endedAt: at(105) })], at(110))
  expect(status?.dataErrors.unread?.listedAt).toBe(at(103))
  expect(kept.written).toHaveLength(3)
})

test('notes that cannot be written spoil no look', async () => {
  const keeper = damageKeeper(notes(true))
  await keeper.note([pool(['/pe/a'])], at(0))
  const [status] = await keeper.note([pool([], stopped)], at(10))
  expect(status?.dataErrors.unread?.paths).toEqual(['/pe/a'])
})

test('while notes cannot be read, nobody says that nothing is damaged, and they are not written over', async () => {
  const kept = notes()
  await damageKeeper(kept).note([pool(['/pe/a'])], at(0))
  let isBroken = true
  const keeper = damageKeeper({
    ...kept,
    read: async () => (isBroken ? Promise.reject(new Error('EIO')) : kept.read()),
  })
  const [empty] = await keeper.note([pool([], stopped)], at(10))
  expect(empty?.dataErrors).toEqual({ count: null, paths: [], forgotten: 'EIO' })
  const [seen] = await keeper.note([pool(['/pe/b'])], at(11))
  expect(seen?.dataErrors).toMatchObject({ count: 1, paths: ['/pe/b'] })
  expect(kept.written).toHaveLength(1)
  isBroken = false
  const [known] = await keeper.note([pool([], { ...stopped, startedAt: at(12), endedAt: at(15) })], at(20))
  expect(known?.dataErrors.unread?.paths).toEqual(['/pe/a', '/pe/b'])
  expect(known?.dataErrors).toMatchObject({ count: 0 })
  expect(kept.written).toHaveLength(2)
})
