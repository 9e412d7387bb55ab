import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyLevels } from '../../src/domain/pins/copy.ts'
import { IndexedPin, PinRecord } from '../../src/domain/pins/indexed-pin.ts'
import { PinGroup } from '../../src/domain/pins/pin-group.ts'
import { PinException, PinsetSummary } from '../../src/domain/pins/pinset-summary.ts'
import type { PinIndex } from '../../src/domain/ports/pin-index.ts'

/** The index of one store in a cluster with some pins, and the means to change the pinset. */
export interface PinIndexBench {
  index: PinIndex
  /** A CID, another one at each call, that is not pinned. */
  newCid(): string
  pin(cid: string): Promise<void>
  unpin(cid: string): Promise<void>
  /** Pins past the Cluster, in the Kubo of the store. */
  pinInKubo(cid: string): Promise<void>
  close(): Promise<void>
}

/** The sum of sums, modulo 2⁶⁴. */
const total = (sums: readonly string[]) =>
  BigInt.asUintN(
    64,
    sums.reduce((sum, one) => sum + BigInt(`0x${one}`), 0n),
  )
    .toString(16)
    .padStart(16, '0')

/** What every pin index must do: the files of an agent, an agent asked from afar, and the simulator. */
export function pinIndexContract(name: string, open: () => Promise<PinIndexBench>): void {
  describe(`pin index: ${name}`, () => {
    let bench: PinIndexBench
    beforeAll(async () => {
      bench = await open()
      await bench.index.refresh()
    })
    afterAll(() => bench?.close())

    const allRecords = async () => bench.index.records(Array.from({ length: 65_536 }, (_, bucket) => bucket))

    test('sums its pinset up: figures that fit together', async () => {
      const summary = await bench.index.summary()
      expect(PinsetSummary.parse(summary)).toEqual(summary)
      expect(summary.pins).toBeGreaterThan(10)
      expect(copyLevels.reduce((sum, level) => sum + summary.copies[level], 0)).toBe(summary.held)
      expect(summary.held).toBeLessThanOrEqual(summary.pins)
    })

    test('gives every pin once, by groups, by records and by name', async () => {
      const { pins } = await bench.index.summary()
      const groups = await Array.fromAsync(bench.index.groups())
      expect(groups.map((group) => PinGroup.parse(group))).toEqual(groups)
      expect(groups.reduce((sum, group) => sum + group.pins, 0)).toBe(pins)
      const records = await allRecords()
      expect(records.map((record) => PinRecord.parse(record))).toEqual(records)
      expect(new Set(records.map(({ cid }) => cid)).size).toBe(pins)
      for (const { cid, digest } of records.slice(0, 5)) {
        const pin = await bench.index.pin(cid)
        expect(IndexedPin.parse(pin)).toEqual(pin)
        expect(pin).toMatchObject({ cid, digest })
        const allocation = await bench.index.allocation(cid)
        expect(pin?.holders).toEqual(
          allocation?.replicationMin === -1 ? 'everywhere' : allocation?.allocations.toSorted(),
        )
      }
    })

    test('has a tree whose nodes are the sums of their children', async () => {
      const [root] = await bench.index.nodes(1, [])
      const { digest } = await bench.index.summary()
      expect(total(root?.sums ?? [])).toBe(digest.slice(16))
      const full = (root?.sums ?? []).flatMap((sum, child) => (/^0+$/.test(sum) ? [] : [child])).slice(0, 3)
      const below = await bench.index.nodes(2, full)
      expect(below.map(({ parent }) => parent)).toEqual(full)
      for (const { parent, sums } of below) expect(total(sums)).toBe(root?.sums[parent ?? 0])
    })

    test('a pin that comes and goes leaves the sum that was there before', async () => {
      const { digest, pins } = await bench.index.summary()
      const cid = bench.newCid()
      await bench.pin(cid)
      // What is read is of one moment: it does not move by itself.
      expect(await bench.index.refresh()).toMatchObject({ pins: pins + 1 })
      expect((await bench.index.summary()).digest).not.toBe(digest)
      expect(await bench.index.pin(cid)).toMatchObject({ cid })
      await bench.unpin(cid)
      expect(await bench.index.refresh()).toMatchObject({ pins, digest })
      expect(await bench.index.pin(cid)).toBeUndefined()
      expect(await bench.index.allocation(cid)).toBeUndefined()
    })

    test('finds what only Kubo has, and by the second reading that it lasts', async () => {
      const cid = bench.newCid()
      await bench.pinInKubo(cid)
      const first = await bench.index.refresh()
      const mine = async () =>
        (await Array.fromAsync(bench.index.exceptions('orphan'))).filter((exception) => exception.cid === cid)
      const [met] = await mine()
      expect(PinException.parse(met)).toMatchObject({ kind: 'orphan', cid, since: first.readAt })
      expect(await Array.fromAsync(bench.index.exceptions('in-error'))).toEqual([])
    })
  })
}
