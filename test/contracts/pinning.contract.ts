import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Metric, Peer, Pin, PinOnPeer, type PinStatus } from '../../src/domain/pinning.ts'
import type { Pinning } from '../../src/domain/ports/pinning.ts'
import { eventually } from './eventually.ts'

/** One Cluster peer whose Kubo answers, and the means to change its pinset. The rest of its pinset is left alone. */
export interface PinningBench {
  pinning: Pinning
  /** A CID, another one at each call, that is in no pinset, and that this peer's Kubo can pin at once. */
  newCid(): string
  /** Pins so that this peer is a holder. */
  pin(cid: string, options: { name: string; metadata: Record<string, string> }): Promise<void>
  /** Puts a pin into the pinset, with this peer a holder, whose content nobody has; gives its CID. */
  pinUnfetchable(): Promise<string>
  unpin(cid: string): Promise<void>
  /** Lets a little of the peer's time pass: half a second of the real one's. */
  settle: () => Promise<void>
  close(): Promise<void>
}

const inTrouble: readonly PinStatus[] = [
  'pin_error',
  'unpin_error',
  'pinning',
  'unpinning',
  'pin_queued',
  'unpin_queued',
  'unexpectedly_unpinned',
]

/** What every pinning must do: the simulator, the simulator over HTTP, and the real IPFS Cluster. */
export function pinningContract(name: string, open: () => Promise<PinningBench>): void {
  describe(`pinning: ${name}`, () => {
    let bench: PinningBench
    beforeAll(async () => {
      bench = await open()
    })
    afterAll(() => bench?.close())

    const all = async (filter: readonly PinStatus[]) => Array.fromAsync(bench.pinning.pins(filter))
    const findPin = async (cid: string, filter: readonly PinStatus[]) =>
      (await all(filter)).find((pin) => pin.cid === cid)

    /** Pins something new, and waits until this peer has it. */
    const pinned = async (options: { name?: string; metadata?: Record<string, string> } = {}) => {
      const cid = bench.newCid()
      await bench.pin(cid, { name: 'contract', metadata: {}, ...options })
      const seen = await eventually(async () => findPin(cid, ['pinned']), {
        isThere: (pin) => pin !== undefined,
        settle: bench.settle,
      })
      expect(seen?.status).toBe('pinned')
      return cid
    }

    test('describes itself, with the Kubo behind it', async () => {
      const self = await bench.pinning.self()
      expect(Peer.parse(self)).toEqual(self)
      expect(self.version).toMatch(/^\d+\.\d+\.\d+/)
      expect(self.sees).toContain(self.id)
      expect(self.error).toBe('')
      expect(self.kubo.error).toBe('')
      expect(self.kubo.id).not.toBe('')
    })

    test('sees itself among its peers, each of them once', async () => {
      const self = await bench.pinning.self()
      const peers = await Array.fromAsync(bench.pinning.peers())
      for (const peer of peers) expect(Peer.parse(peer)).toEqual(peer)
      expect(new Set(peers.map(({ id }) => id)).size).toBe(peers.length)
      const again = peers.find(({ id }) => id === self.id)
      expect(again).toMatchObject({ name: self.name, version: self.version, kubo: self.kubo })
    })

    test('has a pin in its pinset, with what was asked for, and with this peer as a holder', async () => {
      const metadata = { tier: 'hot', note: 'a & b, ü' }
      const cid = await pinned({ name: 'a name with spaces', metadata })
      const self = await bench.pinning.self()
      const pin = await bench.pinning.allocation(cid)
      expect(Pin.parse(pin)).toEqual(pin)
      expect(pin).toMatchObject({ cid, name: 'a name with spaces', metadata, type: 'pin', mode: 'recursive' })
      expect(pin?.expiresAt).toBeNull()
      // No holders named is "every peer" (replication −1).
      expect(pin?.replicationMin === -1 || pin?.allocations.includes(self.id)).toBe(true)
      const listed = await Array.fromAsync(bench.pinning.allocations())
      expect(listed.filter((one) => one.cid === cid)).toEqual([pin])
    })

    test('shows a pin that it has as pinned, on itself, without an error', async () => {
      const cid = await pinned()
      const self = await bench.pinning.self()
      const pin = await findPin(cid, [])
      expect(PinOnPeer.parse(pin)).toEqual(pin)
      expect(pin).toMatchObject({ cid, name: 'contract', peer: self.id, status: 'pinned', error: '' })
      expect(Number.isNaN(Date.parse(pin?.since ?? ''))).toBe(false)
    })

    test('gives only the states that are asked for', async () => {
      const cid = await pinned()
      const troubled = await bench.pinUnfetchable()
      const seen = await eventually(async () => findPin(troubled, inTrouble), {
        isThere: (pin) => pin !== undefined,
        settle: bench.settle,
      })
      expect(inTrouble).toContain(seen?.status)
      expect(await findPin(cid, inTrouble)).toBeUndefined()
      expect(await findPin(troubled, ['pinned'])).toBeUndefined()
      for (const pin of await all(inTrouble)) expect(inTrouble).toContain(pin.status)
      for (const pin of await all(['pinned'])) expect(pin.status).toBe('pinned')
      expect((await bench.pinning.allocation(troubled))?.cid).toBe(troubled)
      await bench.unpin(troubled)
    })

    test('has an unpinned pin no more, and keeps the others', async () => {
      const kept = await pinned()
      const cid = await pinned()
      await bench.unpin(cid)
      const gone = await eventually(async () => bench.pinning.allocation(cid), {
        isThere: (pin) => pin === undefined,
        settle: bench.settle,
      })
      expect(gone).toBeUndefined()
      const listed = (await Array.fromAsync(bench.pinning.allocations())).map((pin) => pin.cid)
      expect(listed).toContain(kept)
      expect(listed).not.toContain(cid)
      const tracked = await eventually(async () => findPin(cid, []), {
        isThere: (pin) => pin === undefined,
        settle: bench.settle,
      })
      expect(tracked).toBeUndefined()
    })

    test('knows nothing of a CID that was never pinned', async () => {
      expect(await bench.pinning.allocation(bench.newCid())).toBeUndefined()
    })

    test('gives the metrics of a name in exact nanoseconds, and none of an unknown name', async () => {
      const self = await bench.pinning.self()
      const metrics = await bench.pinning.metrics('ping')
      for (const metric of metrics) expect(Metric.parse(metric)).toEqual(metric)
      const own = metrics.find(({ peer }) => peer === self.id)
      expect(own).toMatchObject({ name: 'ping', valid: true })
      // After 2001, in nanoseconds.
      expect((own?.receivedAt ?? 0n) > 10n ** 18n).toBe(true)
      expect((own?.expire ?? 0n) > (own?.receivedAt ?? 0n)).toBe(true)
      expect(await bench.pinning.metrics('no-such-metric')).toEqual([])
    })

    test('names the metrics that it has heard, its own ping among them', async () => {
      const names = await bench.pinning.metricNames()
      expect(names).toContain('ping')
      expect(new Set(names).size).toBe(names.length)
    })

    test('stops with the reason of its signal', async () => {
      const { pinning } = bench
      const reason = new Error('enough')
      const signal = AbortSignal.abort(reason)
      await expect(pinning.self(signal)).rejects.toBe(reason)
      await expect(pinning.allocation(bench.newCid(), signal)).rejects.toBe(reason)
      await expect(pinning.metrics('ping', signal)).rejects.toBe(reason)
      await expect(pinning.metricNames(signal)).rejects.toBe(reason)
      await expect(Array.fromAsync(pinning.peers(signal))).rejects.toBe(reason)
      await expect(Array.fromAsync(pinning.allocations(signal))).rejects.toBe(reason)
      await expect(Array.fromAsync(pinning.pins([], signal))).rejects.toBe(reason)
    })

    test('stops in the middle of a list when its signal says so', async () => {
      await Promise.all([pinned(), pinned()])
      const reason = new Error('enough')
      const controller = new AbortController()
      const reading = (async () => {
        for await (const pin of bench.pinning.allocations(controller.signal)) controller.abort(reason ?? pin)
      })()
      await expect(reading).rejects.toBe(reason)
    })

    test('reads lists side by side, and goes on after one that was left early', async () => {
      await Promise.all([pinned(), pinned()])
      for await (const first of bench.pinning.allocations()) {
        expect(await bench.pinning.allocation(first.cid)).toEqual(first)
        break
      }
      const [one, other] = await Promise.all([
        Array.fromAsync(bench.pinning.allocations()),
        Array.fromAsync(bench.pinning.allocations()),
      ])
      expect(one.map(({ cid }) => cid).toSorted()).toEqual(other.map(({ cid }) => cid).toSorted())
    })
  })
}
