import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Pin, PinOnPeer } from '../../src/domain/pinning.ts'
import type { Content } from '../../src/domain/ports/content.ts'
import type { Pinning } from '../../src/domain/ports/pinning.ts'
import { eventually } from './eventually.ts'
import { newHeldCid } from '../builders/new-cid.ts'

/** Three peers of one CRDT cluster that see each other, each with a Kubo of its own, and the means to trouble them. */
export interface ClusterBench {
  peers: readonly [ClusterBenchPeer, ClusterBenchPeer, ClusterBenchPeer]
  /** A request to the REST API of the peer with this number; gives the status. */
  ask(peer: number, method: 'POST' | 'DELETE', path: string): Promise<number>
  /** Pins and unpins past the Cluster, in the Kubo of the peer with this number. */
  pinInKubo(peer: number, cid: string): Promise<void>
  unpinInKubo(peer: number, cid: string): Promise<void>
  stopKubo(peer: number): Promise<void>
  startKubo(peer: number): Promise<void>
  /** The third peer goes on alone, the others without it; returns when they do not see each other any more. */
  split(): Promise<void>
  /** All see each other again when this returns. */
  heal(): Promise<void>
  /** Lets a little of the peers' time pass: half a second of the real one's. */
  settle: () => Promise<void>
  close(): Promise<void>
}

export interface ClusterBenchPeer {
  id: string
  pinning: Pinning
  content: Content
}

/** Peers hear of each other's writes at once; after a split, at the next broadcast: within a minute and a half. */
const patience = 240

/** What a cluster does with pins, wise or not: the simulator must do the same, and the real IPFS Cluster shows how. */
export function clusterContract(name: string, open: () => Promise<ClusterBench>): void {
  describe(`cluster: ${name}`, () => {
    let bench: ClusterBench
    beforeAll(async () => {
      bench = await open()
    })
    afterAll(() => bench?.close())

    const until = async <T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<T> => {
      const seen = await eventually(look, { isThere, settle: bench.settle, turns: patience })
      expect(seen).toSatisfy(isThere)
      return seen
    }
    const ids = (numbers: readonly number[]) => numbers.map((number) => bench.peers[number]?.id ?? '')
    const peer = (number: number): ClusterBenchPeer => {
      const found = bench.peers[number]
      if (found === undefined) throw new Error(`no peer ${number}`)
      return found
    }
    const allocations = async (number: number, cid: string) =>
      (await peer(number).pinning.allocation(cid))?.allocations.toSorted()
    const record = (number: number, cid: string): Promise<Pin | undefined> => peer(number).pinning.allocation(cid)
    const onPeer = async (number: number, cid: string): Promise<PinOnPeer | undefined> =>
      (await Array.fromAsync(peer(number).pinning.pins([]))).find((pin) => pin.cid === cid)
    const inKubo = async (number: number, cid: string) =>
      (await Array.fromAsync(peer(number).content.pins())).includes(cid)
    const failedUnpins = async (number: number) => Array.fromAsync(peer(number).pinning.pins(['unpin_error']))
    const status = async (number: number, cid: string) => (await onPeer(number, cid))?.status

    const write = async (through: number, cid: string, query: Record<string, string>) => {
      expect(await bench.ask(through, 'POST', `/pins/${cid}?${new URLSearchParams(query).toString()}`)).toBe(200)
    }
    /** Pins on these peers and no other, and waits until all of them have it and everybody knows. */
    const pinOn = async (numbers: readonly number[], query: Record<string, string> = {}, cid = newHeldCid()) => {
      const wish = { replication: String(numbers.length), 'user-allocations': ids(numbers).join(',') }
      await write(numbers[0] ?? 0, cid, { name: 'contract', ...wish, ...query })
      for (const number of [0, 1, 2]) {
        const wanted = numbers.includes(number) ? 'pinned' : 'remote'
        await until(
          () => status(number, cid),
          (seen) => seen === wanted,
        )
      }
      return cid
    }

    test('gives a new pin to the peers that are wished for', async () => {
      const cid = await pinOn([0, 2])
      for (const number of [0, 1, 2]) expect(await allocations(number, cid)).toEqual(ids([0, 2]).toSorted())
    })

    test('ignores wishes where enough peers hold the pin already, and replaces all options', async () => {
      const cid = await pinOn([0, 1], { 'meta-kept': 'yes' })
      expect((await record(2, cid))?.metadata).toEqual({ kept: 'yes' })
      await write(0, cid, { name: 'again', replication: '2', 'user-allocations': ids([2])[0] ?? '' })
      const after = await until(
        () => record(2, cid),
        (pin) => pin?.name === 'again',
      )
      expect(after?.metadata).toEqual({})
      expect(after?.allocations.toSorted()).toEqual(ids([0, 1]).toSorted())
    })

    test('adds the wished peers where more are needed, and keeps who holds it', async () => {
      const cid = await pinOn([1])
      await write(1, cid, { replication: '2', 'user-allocations': ids([2])[0] ?? '' })
      expect(await allocations(1, cid)).toEqual(ids([1, 2]).toSorted())
    })

    test('drops any of the holders when there are too many, whatever is wished', async () => {
      const cid = await pinOn([0, 1, 2])
      await write(0, cid, { replication: '1', 'user-allocations': ids([2])[0] ?? '' })
      const left = await allocations(0, cid)
      expect(left).toHaveLength(1)
      expect(ids([0, 1, 2])).toContain(left?.[0])
    })

    test('takes over the exact holders of another pin, and its options but for the name', async () => {
      const model = await pinOn([2], { 'meta-from': 'model', name: 'model' })
      const cid = await pinOn([0, 2], { name: 'before' })
      await write(0, cid, { 'pin-update': model, name: 'after' })
      const pin = await record(0, cid)
      expect(pin?.allocations).toEqual(ids([2]))
      expect(pin).toMatchObject({ name: 'after', metadata: { from: 'model' }, replicationMin: 1 })
    })

    test('breaks before it makes: who is not to hold a pin any more has unpinned it at once', async () => {
      const model = await pinOn([1])
      const cid = await pinOn([0])
      await write(0, cid, { 'pin-update': model })
      expect(await status(0, cid)).toBe('remote')
      expect(await inKubo(0, cid)).toBe(false)
      await until(
        () => status(1, cid),
        (seen) => seen === 'pinned',
      )
    })

    test('unpins what somebody pinned by hand in the Kubo of a peer that is not to hold it, at the next write', async () => {
      const cid = await pinOn([0])
      await bench.pinInKubo(1, cid)
      expect(await inKubo(1, cid)).toBe(true)
      await write(0, cid, { name: 'again', replication: '1' })
      await until(
        () => inKubo(1, cid),
        (seen) => !seen,
      )
      expect(await allocations(1, cid)).toEqual(ids([0]))
    })

    test('calls a copy that its Kubo lost unexpectedly unpinned, until somebody recovers it', async () => {
      const cid = await pinOn([1])
      await bench.unpinInKubo(1, cid)
      expect(await status(1, cid)).toBe('unexpectedly_unpinned')
      await bench.settle()
      expect(await status(1, cid)).toBe('unexpectedly_unpinned')
      await bench.ask(1, 'POST', '/pins/recover?local=true')
      await until(
        () => status(1, cid),
        (seen) => seen === 'pinned',
      )
      expect(await inKubo(1, cid)).toBe(true)
    })

    test('tells when a pin expires', async () => {
      const cid = await pinOn([0], { 'expire-at': '2060-01-02T03:04:05Z' })
      expect(Date.parse((await record(1, cid))?.expiresAt ?? '')).toBe(Date.UTC(2060, 0, 2, 3, 4, 5))
    })

    test('leaves a copy behind where the unpin failed, calls it remote, and never tries again by itself', async () => {
      const model = await pinOn([0])
      const cid = await pinOn([0, 1])
      await bench.stopKubo(1)
      await write(0, cid, { 'pin-update': model })
      await until(
        () => allocations(1, cid),
        (seen) => seen?.length === 1,
      )
      await bench.settle()
      await bench.startKubo(1)
      expect(await inKubo(1, cid)).toBe(true)
      const left = await onPeer(1, cid)
      expect(left?.status).toBe('remote')
      expect(left?.error).not.toBe('')
      await bench.ask(1, 'POST', '/pins/recover?local=true')
      await bench.settle()
      expect(await inKubo(1, cid)).toBe(true)
      await write(0, cid, { name: 'again', replication: '1' })
      await until(
        () => inKubo(1, cid),
        (seen) => !seen,
      )
    })

    test('never tries a failed unpin again once the pin is deleted: the copy stays, and only the queue tells of it', async () => {
      const cid = await pinOn([1])
      await bench.stopKubo(1)
      expect(await bench.ask(0, 'DELETE', `/pins/${cid}`)).toBe(200)
      await until(
        () => failedUnpins(1),
        (seen) => seen.some((pin) => pin.cid === cid),
      )
      await bench.startKubo(1)
      await bench.ask(1, 'POST', '/pins/recover?local=true')
      expect(await bench.ask(1, 'POST', `/pins/${cid}/recover?local=true`)).toBe(404)
      await bench.settle()
      expect((await failedUnpins(1)).find((pin) => pin.cid === cid)).toMatchObject({ name: '', attempts: 1 })
      expect(await onPeer(1, cid)).toBeUndefined()
      expect(await inKubo(1, cid)).toBe(true)
      await bench.unpinInKubo(1, cid)
    })

    test('goes on in two halves when it is split, and merges them by the height of writes when it is whole', async () => {
      const [quiet, busy, back, gone] = [await pinOn([0]), await pinOn([0, 2]), await pinOn([0]), await pinOn([0])]
      const fresh = { here: newHeldCid(), there: newHeldCid() }
      await bench.split()
      // Both sides write `busy`: the third peer, alone, more often; the others later.
      for (const time of ['1', '2', '3', '4', '5', '6', '7', '8'])
        await write(2, busy, { replication: '1', name: `there ${time}` })
      await write(0, busy, { replication: '1', name: 'here' })
      // One side deletes, the other writes; and one deletes what the other leaves alone.
      expect(await bench.ask(2, 'DELETE', `/pins/${back}`)).toBe(200)
      await write(0, back, { replication: '1', name: 'written here' })
      expect(await bench.ask(2, 'DELETE', `/pins/${gone}`)).toBe(200)
      await write(0, fresh.here, { replication: '1' })
      await write(2, fresh.there, { replication: '1' })
      expect(await record(2, back)).toBeUndefined()
      expect(await record(0, back)).toMatchObject({ name: 'written here' })
      expect(await record(2, fresh.here)).toBeUndefined()
      expect((await record(0, busy))?.name).toBe('here')

      await bench.heal()
      for (const number of [0, 1, 2]) {
        await until(
          () => record(number, fresh.here),
          (pin) => pin !== undefined,
        )
        await until(
          () => record(number, fresh.there),
          (pin) => pin !== undefined,
        )
        await until(
          () => record(number, busy),
          (pin) => pin?.name === 'there 8',
        )
        await until(
          () => record(number, gone),
          (pin) => pin === undefined,
        )
        await until(
          () => record(number, back),
          (pin) => pin?.name === 'written here',
        )
        expect(await record(number, quiet)).toMatchObject({ name: 'contract' })
      }
      // The deletion that lost has still unpinned the holder, who does not notice.
      await until(
        () => status(0, back),
        (seen) => seen === 'unexpectedly_unpinned',
      )
      expect(await status(0, quiet)).toBe('pinned')
      await bench.ask(0, 'POST', '/pins/recover?local=true')
      await until(
        () => status(0, back),
        (seen) => seen === 'pinned',
      )
    })
  })
}
