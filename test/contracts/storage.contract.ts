import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ObservedStorage } from '../../src/adapters/agent/observed-storage.ts'
import { arcActivity } from '../../src/domain/arc.ts'
import { Dataset } from '../../src/domain/dataset.ts'
import { Pool } from '../../src/domain/pool.ts'
import { leaves, PoolStatus, vdevClasses } from '../../src/domain/pool-status.ts'
import { milliseconds } from '../../src/domain/units.ts'

/** A storage with at least the runbook's three pools, all of them well. */
export interface StorageBench {
  storage: ObservedStorage
  /** Lets at least this much of the storage's time pass. */
  pass(elapsed: number): Promise<void>
  close(): Promise<void>
}

const tiers = ['cold-tier', 'hot-tier', 'warm-tier']

/** What every storage must do: the simulator, the programs of each OpenZFS, and an agent's observation. */
export function storageContract(name: string, open: () => Promise<StorageBench>): void {
  describe(`storage: ${name}`, () => {
    let bench: StorageBench
    beforeAll(async () => {
      bench = await open()
    })
    afterAll(() => bench?.close())

    test('tells its version, and what it can print', async () => {
      const { userland, features } = await bench.storage.version()
      expect(userland).toMatch(/^\d+\.\d+/)
      const [major = 0, minor = 0] = userland.split('.').map(Number)
      expect(features.json).toBe(major > 2 || (major === 2 && minor >= 3))
    })

    test('names the same pools in every way of asking', async () => {
      const { storage } = bench
      expect((await storage.pools()).map((pool) => pool.name).toSorted()).toEqual(expect.arrayContaining(tiers))
      expect((await storage.poolStatus()).map((pool) => pool.name).toSorted()).toEqual(expect.arrayContaining(tiers))
      expect(Object.keys(await storage.poolStates()).toSorted()).toEqual(expect.arrayContaining(tiers))
    })

    test('a healthy pool is ONLINE in every way of asking, with no error and a known count of data errors', async () => {
      const { storage } = bench
      const states = await storage.poolStates()
      const pools = await storage.pools()
      for (const status of await storage.poolStatus()) {
        if (!tiers.includes(status.name)) continue
        expect(PoolStatus.parse(status)).toEqual(status)
        expect(status.state).toBe('ONLINE')
        expect(states[status.name]).toBe('ONLINE')
        expect(pools.find((pool) => pool.name === status.name)?.health).toBe('ONLINE')
        expect(status.dataErrors).toEqual({ count: 0, paths: [] })
        for (const disk of leaves(status.vdevs.data)) {
          expect(disk).toMatchObject({ state: 'ONLINE', readErrors: 0, writeErrors: 0, checksumErrors: 0 })
        }
      }
    })

    test('a pool’s vdevs are a tree by class: a mirror of two, a raidz1 of three, a raidz2 of four or more', async () => {
      const statuses = await bench.storage.poolStatus()
      const shape = (pool: string) => {
        const vdevs = statuses.find((status) => status.name === pool)?.vdevs
        expect(Object.keys(vdevs ?? {}).toSorted()).toEqual([...vdevClasses].toSorted())
        return vdevs?.data.map(({ kind, children }) => ({ kind, disks: children.length }))
      }
      expect(shape('hot-tier')?.[0]).toEqual({ kind: 'mirror', disks: 2 })
      expect(shape('warm-tier')?.[0]?.kind).toBe('raidz')
      expect(shape('cold-tier')?.[0]?.kind).toBe('raidz')
    })

    test('a pool has a guid that no number could hold, and sizes that add up', async () => {
      for (const pool of await bench.storage.pools()) {
        expect(Pool.parse(pool)).toEqual(pool)
        expect(pool.guid).toMatch(/^\d+$/)
        expect(pool.vdevs.some((vdev) => vdev.class === 'data' && vdev.allocated + vdev.free <= vdev.size)).toBe(true)
        expect(pool.allocated + pool.free).toBe(pool.size)
        expect(pool.capacity).toBeGreaterThanOrEqual(0)
        expect(pool.capacity).toBeLessThanOrEqual(1)
      }
    })

    test('each pool has the datasets of its store, with used and available space', async () => {
      const { kept: datasets } = await bench.storage.datasets(tiers.map((tier) => `${tier}/ipfs-cluster`))
      for (const pool of tiers) {
        for (const path of [
          '',
          '/ipfs-cluster',
          '/ipfs-cluster/kubo',
          '/ipfs-cluster/kubo/blocks',
          '/ipfs-cluster/kubo/datastore',
          '/ipfs-cluster/cluster',
        ]) {
          const dataset = datasets.find((candidate) => candidate.name === `${pool}${path}`)
          expect(dataset, `${pool}${path}`).toBeDefined()
          expect(Dataset.parse(dataset)).toEqual(dataset)
          expect((dataset?.used ?? 0) + (dataset?.available ?? 0)).toBeGreaterThan(0)
        }
      }
    })

    test('ARC counters never go back between two samples', async () => {
      const before = await bench.storage.arc()
      await bench.pass(1100)
      const after = await bench.storage.arc()
      expect(arcActivity(before, after, milliseconds(1100))).toBeDefined()
      expect(after.size).toBeGreaterThan(0)
      expect(after.maximum).toBeGreaterThanOrEqual(after.minimum)
    })

    test('a call that is called off rejects', async () => {
      const aborted = AbortSignal.abort(new Error('called off'))
      await expect(bench.storage.poolStatus(aborted)).rejects.toBeInstanceOf(Error)
    })
  })
}
