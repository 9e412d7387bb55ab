import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Storage } from '../../src/domain/ports/storage.ts'
import { Hold, Snapshot } from '../../src/domain/snapshot.ts'

/** A storage with the runbook's pools, and somebody who makes snapshots there. */
export interface SnapshotsBench {
  storage: Pick<Storage, 'snapshots' | 'holds'>
  /** With the property `tiercel:operation` where it is given. */
  make(snapshot: string, operation?: string): Promise<void>
  hold(tag: string, snapshot: string): Promise<void>
  release(tag: string, snapshot: string): Promise<void>
  destroy(snapshot: string): Promise<void>
  close(): Promise<void>
}

const dataset = 'hot-tier/ipfs-cluster'
const [first, second] = [`${dataset}@tiercel-b`, `${dataset}@tiercel-a`]
const below = `${dataset}/kubo@tiercel-a`

/** What every storage must tell of snapshots: the simulator, and the programs of each OpenZFS. */
export function snapshotsContract(name: string, open: () => Promise<SnapshotsBench>): void {
  describe(`snapshots: ${name}`, () => {
    let bench: SnapshotsBench
    beforeAll(async () => {
      bench = await open()
    })
    afterAll(() => bench?.close())
    const ours = async () =>
      (await bench.storage.snapshots(dataset)).filter((one) => one.name === first || one.name === second)

    test('those of one dataset are told, oldest first, and who holds them', async () => {
      await bench.make(first, 'an-operation')
      await bench.make(second)
      await bench.make(below)
      expect(await ours()).toMatchObject([
        { name: first, userrefs: 0, isDeferred: false, properties: { 'tiercel:operation': 'an-operation' } },
        { name: second, userrefs: 0, isDeferred: false, properties: {} },
      ])
      expect((await bench.storage.snapshots(dataset)).some((one) => one.name === below)).toBe(false)

      await bench.hold('tiercel-z', second)
      await bench.hold('tiercel-a', second)
      const [older, newer] = await ours()
      expect(newer).toMatchObject({ name: second, userrefs: 2 })
      expect((newer?.createtxg ?? 0) > (older?.createtxg ?? 0)).toBe(true)
      expect(Snapshot.parse(newer)).toEqual(newer)
      const holds = await bench.storage.holds([second, first])
      expect(holds.map(({ snapshot, tag }) => [snapshot, tag])).toEqual([
        [second, 'tiercel-a'],
        [second, 'tiercel-z'],
      ])
      expect(Hold.array().parse(holds)).toEqual(holds)
      // In whole minutes on 2.1.
      expect(Math.abs((holds[0]?.at ?? 0) - (newer?.creation ?? 0))).toBeLessThan(120_000)

      for (const tag of ['tiercel-a', 'tiercel-z']) await bench.release(tag, second)
      expect(await bench.storage.holds([second])).toEqual([])
      for (const snapshot of [first, second, below]) await bench.destroy(snapshot)
      expect(await ours()).toEqual([])
    })

    test('what is not there has no empty list of snapshots, and no empty list of holds', async () => {
      await expect(bench.storage.snapshots('hot-tier/there-is-none')).rejects.toBeInstanceOf(Error)
      await expect(bench.storage.holds(['hot-tier@there-is-none'])).rejects.toBeInstanceOf(Error)
    })
  })
}
