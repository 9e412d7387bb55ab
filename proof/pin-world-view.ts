import { Unreachable } from '../src/domain/errors.ts'
import { Fleet } from '../src/domain/fleet.ts'
import type { FleetView, HostView } from '../src/domain/health/view.ts'
import type { HostObservation, Reading, StoreObservation } from '../src/domain/observation.ts'
import type { Pin, PinOnPeer, PinStatus } from '../src/domain/pinning.ts'
import type { PinsetSummary } from '../src/domain/pins/pinset-summary.ts'
import type { Content } from '../src/domain/ports/content.ts'
import type { PinIndex } from '../src/domain/ports/pin-index.ts'
import type { Pinning } from '../src/domain/ports/pinning.ts'
import { Instant, milliseconds, seconds } from '../src/domain/units.ts'
import { createPlacementDesk, type PlacementSources } from '../src/observe/placement.ts'
import { simPinIndex } from '../src/sim/sim-pin-index.ts'
import { isHeldBy, type PinWorld, type WorldHost, type WorldPeer, type WorldPin } from './pin-world.ts'

/** The agents of a world: what they have seen, and whom to ask. */
export interface WorldAgents {
  view(): Promise<FleetView>
  sources: PlacementSources
  /** Reads the lists of one peer in the background. */
  readLists(peer: WorldPeer): Promise<void>
}

/** `turn` is called before whatever is asked: the world may go on. `isWalked`: all copies were walked, and are whole. */
export function agentsOf(world: PinWorld, turn: () => Promise<void>, isWalked: boolean): WorldAgents {
  const indexes = new Map(world.peers.map((peer) => [peer, indexOf(world, peer, turn, isWalked)]))
  const desks = new Map(
    [...indexes].map(([peer, index]) => [peer, createPlacementDesk(index, { now: () => Instant.parse(world.now) })]),
  )
  const reach = (host: string, store: string): WorldPeer => {
    const found = world.peers.find((peer) => peer.host.name === host && peer.store === store)
    if (found === undefined || found.host.isSilent) throw new Unreachable(`nobody answers at ${host}`)
    return found
  }
  return {
    view: () => viewOf(world, indexes),
    sources: {
      pins: (host, store) => {
        const found = indexes.get(reach(host, store))
        if (found === undefined) throw new Unreachable(`no index of ${host}/${store}`)
        return found
      },
      placement: async ({ host, store }, question, signal) => {
        await turn()
        const desk = desks.get(reach(host, store))
        if (desk === undefined) throw new Unreachable(`no index of ${host}/${store}`)
        return desk(question, signal)
      },
    },
    readLists: async (peer) => {
      await indexes
        .get(peer)
        ?.refresh()
        .catch(() => undefined)
    },
  }
}

function indexOf(world: PinWorld, peer: WorldPeer, turn: () => Promise<void>, isWalked: boolean): PinIndex {
  const clock = { now: () => Instant.parse(world.now + peer.host.clockOffset) }
  const index = simPinIndex({ pinning: pinningOf(peer, turn), content: contentOf(peer, turn), clock })
  return isWalked ? walked(index) : index
}

/** The same with all that is pinned walked and whole. */
const walked = (index: PinIndex): PinIndex => ({
  ...index,
  summary: async (signal) => allComplete(await index.summary(signal)),
  refresh: async (signal) => allComplete(await index.refresh(signal)),
})

const allComplete = (summary: PinsetSummary): PinsetSummary => ({
  ...summary,
  copies: { ...summary.copies, pinned: 0, complete: summary.copies.pinned },
})

const nobody = (): never => {
  throw new Unreachable('nobody asks for this here')
}

function pinningOf(peer: WorldPeer, turn: () => Promise<void>): Pinning {
  const answer = async () => {
    await turn()
    if (!peer.isUp) throw new Unreachable('the Cluster daemon is down')
  }
  return {
    self: async () => {
      await answer()
      const kubo = { id: peer.kubo.id, error: '' }
      return { id: peer.id, name: '', version: '1.1.6', sees: [peer.id], addresses: [], error: '', kubo }
    },
    async *allocations() {
      await answer()
      yield* [...peer.pinset.values()].map((pin) => described(pin))
    },
    async *pins() {
      await answer()
      if (!peer.kubo.isUp) throw new Unreachable('its Kubo is down')
      yield* [...peer.pinset.values()].map((pin) => tracked(peer, pin))
    },
    allocation: async (cid) => {
      await answer()
      const pin = peer.pinset.get(cid)
      return pin === undefined ? undefined : described(pin)
    },
    peers: nobody,
    metricNames: nobody,
    metrics: nobody,
  }
}

function contentOf(peer: WorldPeer, turn: () => Promise<void>): Content {
  return {
    async *pins() {
      await turn()
      if (!peer.kubo.isUp) throw new Unreachable('its Kubo is down')
      yield* peer.kubo.has
    },
    self: nobody,
    settings: nobody,
    complete: nobody,
  }
}

const described = ({ cid, holders, min, order }: WorldPin): Pin => ({
  cid,
  name: '',
  type: 'pin',
  mode: 'recursive',
  allocations: holders === 'everywhere' ? [] : [...holders],
  replicationMin: min,
  replicationMax: min,
  metadata: {},
  expiresAt: null,
  timestamp: new Date(order * 1000).toISOString().replace('.000Z', 'Z'),
})

function tracked(peer: WorldPeer, pin: WorldPin): PinOnPeer {
  const { cid } = pin
  const status = (): PinStatus => {
    if (!isHeldBy(pin, peer.id)) return 'remote'
    if (peer.failed.has(cid)) return 'pin_error'
    if (peer.kubo.has.has(cid)) return 'pinned'
    return pin.order % 3 === 0 ? 'unexpectedly_unpinned' : 'pin_queued'
  }
  return { cid, name: '', peer: peer.id, status: status(), error: '', attempts: 0, since: '2026-11-23T07:30:01Z' }
}

async function viewOf(world: PinWorld, indexes: ReadonlyMap<WorldPeer, PinIndex>): Promise<FleetView> {
  const at = Instant.parse(world.now)
  const fleet = Fleet.parse({
    apiVersion: 1,
    clusters: [{ name: 'main' }],
    tiers: [{ name: 'hot' }],
    hosts: world.hosts.map((host) => ({ name: host.name, address: 'local', stores: storesOf(world, host) })),
  })
  const hosts = await Promise.all(
    world.hosts.map(async (host, number): Promise<HostView[]> => {
      const declaration = fleet.hosts[number]
      if (declaration === undefined) return []
      if (host.isSilent) return [{ declaration, contact: { state: 'unreachable', error: 'nobody answers', at } }]
      const observation = await observed(world, host, indexes)
      return [{ declaration, contact: { state: 'answered', observation, receivedAt: at, took: milliseconds(1) } }]
    }),
  )
  return { at, fleet, hosts: hosts.flat() }
}

const peersOn = (world: PinWorld, host: WorldHost) => world.peers.filter((peer) => peer.host === host)

const storesOf = (world: PinWorld, host: WorldHost) =>
  peersOn(world, host).map((peer) => ({
    name: peer.store,
    tier: 'hot',
    cluster: 'main',
    pool: `pool-${peer.store}`,
    dataset: `pool-${peer.store}/ipfs`,
    // A fleet file in which two stores have one peer is refused.
    ...(peer.declared === undefined || world.peers.find(({ declared }) => declared === peer.declared) !== peer
      ? {}
      : { peer: peer.declared }),
  }))

async function observed(
  world: PinWorld,
  host: WorldHost,
  indexes: ReadonlyMap<WorldPeer, PinIndex>,
): Promise<HostObservation> {
  const answeredAt = Instant.parse(world.now + host.clockOffset)
  const stores = peersOn(world, host).map(async (peer): Promise<Partial<StoreObservation>> => {
    const kubo = { id: peer.kubo.isUp ? peer.kubo.id : '', error: '' }
    const summary = await indexes
      .get(peer)
      ?.snapshot(async (generation) => generation.summary)
      .catch(() => undefined)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of each only what is read for this question
    return {
      name: peer.store,
      peer: readingOf(peer.isUp ? { id: peer.id, kubo } : undefined, answeredAt),
      kubo: readingOf(peer.kubo.isUp ? { id: peer.kubo.id } : undefined, answeredAt),
      pinset: readingOf(summary, answeredAt),
    } as Partial<StoreObservation>
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same
  return {
    host: host.name,
    answeredAt,
    stores: storesOf(world, host),
    zfs: null,
    storeObservations: await Promise.all(stores),
  } as unknown as HostObservation
}

const readingOf = (value: unknown, at: Instant): Reading<unknown> => ({
  source: 'the world',
  every: seconds(30),
  deadline: seconds(20),
  last: value === undefined ? null : { value, at, took: milliseconds(1) },
  trouble: value === undefined ? { kind: 'unreachable', message: 'it is down', since: at, at } : null,
})
