import { describe, expect, it } from 'vitest'
import { arcActivity } from '../domain/arc.ts'
import { Dataset, fill } from '../domain/dataset.ts'
import { Stuck, UnexpectedOutput, Unreachable } from '../domain/errors.ts'
import { Kubo } from '../domain/kubo.ts'
import { Metric, Peer, Pin, PinOnPeer } from '../domain/pinning.ts'
import { PoolStatus } from '../domain/pool-status.ts'
import { Pool } from '../domain/pool.ts'
import { hours, seconds } from '../domain/units.ts'
import { simClock } from './clock.ts'
import { createWorld } from './create-world.ts'
import { applyFault } from './faults/index.ts'
import { simHost } from './ports.ts'
import { simFleet } from './sim-fleet.ts'
import { poolOf, hostOf } from './lookup.ts'
import type { World } from './world.ts'

const storageOf = (world: World, host: string) => {
  const { storage } = simHost(world, host)
  if (storage === undefined) throw new Error('no storage')
  return storage
}

const storeOn = (world: World, host: string, name: string) => {
  const store = simHost(world, host).stores.find(({ declaration }) => declaration.name === name)
  if (store?.pinning === undefined || store.content === undefined) throw new Error('no store')
  return { pinning: store.pinning, content: store.content }
}

describe('a healthy simulated host', () => {
  const world = createWorld()

  it('answers with the nouns as their schemas have them', async () => {
    const storage = storageOf(world, 'n2')
    const { pinning, content } = storeOn(world, 'n2', 'warm')
    for (const status of await storage.poolStatus()) expect(PoolStatus.parse(status)).toEqual(status)
    for (const pool of await storage.pools()) expect(Pool.parse(pool)).toEqual(pool)
    for (const dataset of (await storage.datasets([])).kept) expect(Dataset.parse(dataset)).toEqual(dataset)
    expect(Peer.parse(await pinning.self())).toEqual(await pinning.self())
    for (const metric of await pinning.metrics('ping')) expect(Metric.parse(metric)).toEqual(metric)
    for await (const pin of pinning.allocations()) expect(Pin.parse(pin)).toEqual(pin)
    for await (const pin of pinning.pins([])) expect(PinOnPeer.parse(pin)).toEqual(pin)
    expect(Kubo.parse(await content.self())).toEqual(await content.self())
  })

  it('has the datasets of the runbook, and their space adds up', async () => {
    const datasets = (await storageOf(world, 'n1').datasets([])).kept.filter(({ name }) => name.startsWith('hot-tier'))
    expect(datasets.map(({ name }) => name)).toEqual([
      'hot-tier',
      'hot-tier/ipfs-cluster',
      'hot-tier/ipfs-cluster/cluster',
      'hot-tier/ipfs-cluster/kubo',
      'hot-tier/ipfs-cluster/kubo/blocks',
      'hot-tier/ipfs-cluster/kubo/datastore',
    ])
    const [pool, store, cluster, kubo, blocks, datastore] = datasets
    expect(pool?.used).toBe((pool?.referenced ?? 0) + (store?.used ?? 0))
    expect(store?.used).toBe((store?.referenced ?? 0) + (cluster?.used ?? 0) + (kubo?.used ?? 0))
    expect(kubo?.used).toBe((kubo?.referenced ?? 0) + (blocks?.used ?? 0) + (datastore?.used ?? 0))
    expect(new Set(datasets.map(({ guid }) => guid)).size).toBe(6)
  })

  it('fills no healthy pool beyond 75 %', async () => {
    for (const { name } of world.hosts) {
      for (const { capacity } of await storageOf(world, name).pools()) expect(capacity).toBeLessThan(0.75)
      for (const dataset of (await storageOf(world, name).datasets([])).kept) expect(fill(dataset)).toBeLessThan(0.75)
    }
  })

  it('has every peer see every other', async () => {
    const ids = new Set(simFleet(world).hosts.flatMap(({ stores }) => stores.map(({ peer }) => peer)))
    for (const { name } of world.hosts) {
      expect(new Set((await storeOn(world, name, 'cold').pinning.self()).sees)).toEqual(ids)
    }
  })

  it('shows a running scrub as the clock moves on', async () => {
    const moving = createWorld()
    const { scrubs } = poolOf(hostOf(moving, 'n1'), 'hot-tier')
    const untilNext = scrubs.first + 11 * scrubs.every - moving.now
    const scan = async () => (await storageOf(moving, 'n1').poolStatus())[0]?.scans[0]
    expect(await scan()).toMatchObject({ kind: 'scrub', state: 'finished', share: 1 })
    const clock = simClock(moving)
    clock.advance(seconds(untilNext / 1000))
    clock.advance(seconds(scrubs.takes / 2000))
    expect(await scan()).toMatchObject({ kind: 'scrub', state: 'in-progress', share: 0.5 })
    clock.advance(hours(24))
    expect((await scan())?.state).toBe('finished')
    expect(moving.now - ((await scan())?.endedAt ?? 0)).toBeLessThan(hours(24))
  })

  it('counts ARC accesses as the clock moves on', async () => {
    const moving = createWorld()
    const storage = storageOf(moving, 'n3')
    const before = await storage.arc()
    simClock(moving).advance(seconds(10))
    const activity = arcActivity(before, await storage.arc(), seconds(10))
    const { arc } = hostOf(moving, 'n3')
    expect(activity?.perSecond).toBe(arc.accessesPerSecond)
    expect(activity?.hitShare).toBeCloseTo(arc.usualHitShare, 3)
  })
})

const broken = (fault: string) => {
  const world = createWorld()
  applyFault(world, fault)
  return { world, clock: simClock(world) }
}

describe('a simulated host with a fault', () => {
  it('leaves out the datasets of a suspended pool, and counts no data errors on it', async () => {
    const { world } = broken('pool-suspended')
    const storage = storageOf(world, 'n3')
    const names = (await storage.datasets([])).kept.map(({ name }) => name)
    expect(names.some((name) => name.startsWith('hot-tier'))).toBe(false)
    expect(names.some((name) => name.startsWith('warm-tier'))).toBe(true)
    expect((await storage.poolStatus())[0]).toMatchObject({
      state: 'SUSPENDED',
      dataErrors: { count: null, paths: [] },
    })
    expect((await storage.poolStatus())[1]).toMatchObject({ dataErrors: { count: 0 } })
    expect(await storage.poolStates()).toMatchObject({ 'hot-tier': 'SUSPENDED', 'warm-tier': 'ONLINE' })
    await expect(storeOn(world, 'n3', 'hot').content.self()).rejects.toThrow(Unreachable)
    expect((await storeOn(world, 'n3', 'hot').pinning.self()).kubo.error).not.toBe('')
  })

  it('settles a hanging zpool only when it is called off, and then as stuck', async () => {
    const { world } = broken('zpool-hangs')
    const storage = storageOf(world, 'n2')
    const stop = new AbortController()
    let settled = false
    const status = storage.poolStatus(stop.signal).finally(() => {
      settled = true
    })
    expect(await storage.poolStates()).toMatchObject({ 'hot-tier': 'ONLINE' })
    await new Promise((resolve) => setImmediate(resolve))
    expect(settled).toBe(false)
    stop.abort()
    await expect(status).rejects.toThrow(Stuck)
  })

  it('keeps the text of a status that it does not understand', async () => {
    const storage = storageOf(broken('zpool-not-understood').world, 'n3')
    const error: unknown = await storage.poolStatus().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UnexpectedOutput)
    expect(error instanceof UnexpectedOutput ? error.raw : '').toContain('CONVALESCENT')
    expect(await storage.pools()).toHaveLength(3)
  })

  it('names damaged files only with the rights to', async () => {
    const { world } = broken('data-errors')
    const errors = async () =>
      (await storageOf(world, 'n1').poolStatus()).find(({ name }) => name === 'warm-tier')?.dataErrors
    expect((await errors())?.count).toBe(3)
    expect((await errors())?.paths.some((path) => path.includes('\n'))).toBe(true)
    applyFault(world, 'executor-absent')
    expect(await errors()).toEqual({ count: 3, paths: [] })
    await expect(simHost(world, 'n1').privileges()).rejects.toMatchObject({ name: 'NotPermitted' })
  })

  it('lets a dead peer vanish when its last ping has expired, and not before', async () => {
    const { world, clock } = broken('cluster-killed')
    await expect(storeOn(world, 'n3', 'warm').pinning.self()).rejects.toThrow(Unreachable)
    const { pinning } = storeOn(world, 'n1', 'hot')
    const seen = async () => {
      const peers: Peer[] = []
      for await (const peer of pinning.peers()) peers.push(peer)
      return peers
    }
    clock.advance(seconds(29))
    expect(await seen()).toHaveLength(9)
    expect((await seen()).filter(({ error }) => error !== '')).toHaveLength(1)
    clock.advance(seconds(1))
    expect(await seen()).toHaveLength(8)
  })

  it('goes on to ping for a dead Kubo; only its freespace lapses', async () => {
    const { world } = broken('kubo-killed')
    const { pinning, content } = storeOn(world, 'n1', 'warm')
    await expect(content.self()).rejects.toThrow(Unreachable)
    expect((await pinning.self()).kubo.error).toContain('connection refused')
    expect(await pinning.metrics('ping')).toHaveLength(9)
    expect(await pinning.metrics('freespace')).toHaveLength(8)
    await expect(pinning.pins([])[Symbol.asyncIterator]().next()).rejects.toThrow('cannot list pins')
    expect(await pinning.pins(['pin_error', 'pin_queued'])[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
  })

  it('shows a full store on a pool that looks three quarters full', async () => {
    const storage = storageOf(broken('pool-full').world, 'n1')
    expect((await storage.pools())[0]?.capacity).toBeCloseTo(0.73, 2)
    const dataset = (await storage.datasets([])).kept.find(({ name }) => name === 'hot-tier/ipfs-cluster')
    expect(dataset?.available).toBe(104_960)
    expect(dataset === undefined ? 0 : fill(dataset)).toBeGreaterThan(0.99)
  })

  it('lists pins in error under that state, and nowhere else', async () => {
    const { pinning } = storeOn(broken('pin-errors').world, 'n2', 'cold')
    const failed: PinOnPeer[] = []
    for await (const pin of pinning.pins(['pin_error'])) failed.push(pin)
    expect(failed.map(({ status, error }) => [status, error])).toEqual(
      Array.from({ length: 3 }, () => ['pin_error', 'context canceled']),
    )
    for await (const pin of pinning.pins(['pinned'])) expect(pin.error).toBe('')
  })
})
