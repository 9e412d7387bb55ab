import type { Peer, Pin, PinOnPeer, PinStatus } from '../domain/pinning.ts'
import { clusterOf, isUsable, membersOf, pingValidMs, poolOf } from './lookup.ts'
import type { SimHolder, SimHostState, SimPin, SimStore, World } from './world.ts'

/** RFC 3339 with whole seconds, as the Cluster stores its times. */
export const secondsText = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')

/** Bytes of all pins that this store's Kubo has. */
export function heldBytes(world: World, store: SimStore): number {
  let sum = 0
  for (const pin of clusterOf(world, store.cluster).pins) {
    if (isInKubo(world, pin, store)) sum += pin.size
  }
  return sum
}

/** How a program on this store answers. `hangs`: its disk is gone from under it, and it waits in the kernel. */
export type DaemonState = 'answers' | 'refuses' | 'hangs'

/** Kubo needs its repository for every answer that we ask for. */
export function kuboState(host: SimHostState, store: SimStore): DaemonState {
  const pool = poolOf(host, store.pool)
  if (store.kubo.downSince !== null || !pool.imported || pool.corrupted) return 'refuses'
  return pool.suspended ? 'hangs' : 'answers'
}

/** The Cluster peer answers from memory while its pool is suspended; it cannot start without its folder. */
export function clusterState(host: SimHostState, store: SimStore): DaemonState {
  const pool = poolOf(host, store.pool)
  return store.peer.downSince !== null || !pool.imported || pool.corrupted ? 'refuses' : 'answers'
}

/** Whether the peer can read its own copy of the pinset, which lies on the store's pool. */
export const canReadPinset = (host: SimHostState, store: SimStore): boolean => isUsable(poolOf(host, store.pool))

/** A peer in another one's list; `answers` is false from its last ping until that has expired. */
export interface SeenPeer {
  host: SimHostState
  store: SimStore
  answers: boolean
}

/** The peers that one peer sees: those with a valid ping. In CRDT the others are simply not there. */
export function seenBy(world: World, viewer: SimStore): SeenPeer[] {
  return membersOf(world, viewer.cluster).flatMap(({ host, store }) => {
    if (store === viewer) return [{ host, store, answers: true }]
    const blindSince = viewer.peer.blindTo.find(({ peer }) => peer === store.peer.id)?.since ?? null
    const lostAt = [
      lastPing(store, clusterState(host, store)),
      store.peer.cutOffSince,
      viewer.peer.cutOffSince,
      blindSince,
    ]
    const lost = Math.min(...lostAt.map((at) => at ?? Number.POSITIVE_INFINITY))
    return world.now - lost >= pingValidMs ? [] : [{ host, store, answers: lost > world.now }]
  })
}

/** When a peer's pings stopped; null while they go on. */
function lastPing(store: SimStore, state: DaemonState): number | null {
  if (state === 'answers') return null
  return store.peer.downSince ?? Number.NEGATIVE_INFINITY
}

/** A peer as it describes itself. */
export function describePeer(world: World, host: SimHostState, store: SimStore): Peer {
  const { peer, kubo } = store
  const state = kuboState(host, store)
  const url = `http://127.0.0.1:${kubo.port}/api/v0/id`
  return {
    id: peer.id,
    name: peer.name,
    version: peer.version,
    sees: seenBy(world, store).map((seen) => seen.store.peer.id),
    addresses: [`/ip4/${host.address}/tcp/${peer.port + 2}/p2p/${peer.id}`],
    error: '',
    kubo: {
      id: state === 'answers' ? (peer.foreignKubo ?? kubo.id) : '',
      error: {
        answers: '',
        refuses: `Post "${url}": dial tcp 127.0.0.1:${kubo.port}: connect: connection refused`,
        hangs: `Post "${url}": context deadline exceeded`,
      }[state],
    },
  }
}

/** A peer as another one describes it: by asking it, or as an error when it does not answer any more. */
export function describeSeen(world: World, { host, store, answers }: SeenPeer): Peer {
  if (answers) return describePeer(world, host, store)
  return {
    id: store.peer.id,
    name: '',
    version: '',
    sees: [],
    addresses: [],
    error: `failed to dial: failed to dial ${store.peer.id}: no good addresses`,
    kubo: { id: '', error: '' },
  }
}

export function describePin(pin: SimPin): Pin {
  return {
    cid: pin.cid,
    name: pin.name,
    type: 'pin',
    mode: 'recursive',
    allocations: pin.replicationMin === -1 ? [] : pin.holders.map(({ peer }) => peer),
    replicationMin: pin.replicationMin,
    replicationMax: pin.replicationMax,
    metadata: { ...pin.metadata },
    expiresAt: null,
    timestamp: secondsText(pin.createdAt),
  }
}

/** One pin as one peer tracks it; `remote` where others hold it. */
export function describePinOn(world: World, pin: SimPin, store: SimStore): PinOnPeer {
  const holder = holderOf(pin, store)
  const status = holder === undefined ? 'remote' : statusOf(holder, world.now)
  // The time of a pin at work is when it got its slot (measured on 1.1.6).
  const since = status === 'pinning' ? holder?.startsAt : holder?.queuedAt
  return {
    cid: pin.cid,
    name: pin.name,
    peer: store.peer.id,
    status,
    error: holder?.failure?.error ?? '',
    attempts: holder?.failure?.attempts ?? 0,
    since: secondsText(holder?.failure?.at ?? since ?? pin.createdAt),
  }
}

export function statusOf(holder: SimHolder, now: number): PinStatus {
  if (holder.failure !== null) return 'pin_error'
  if (now < holder.startsAt) return 'pin_queued'
  return now < holder.doneAt ? 'pinning' : 'pinned'
}

export const holderOf = (pin: SimPin, store: SimStore): SimHolder | undefined =>
  pin.holders.find(({ peer }) => peer === store.peer.id)

/** Whether the store's Kubo has a pin of the Cluster. It keeps what it has when the peer beside it changes its identity. */
export function isInKubo(world: World, pin: SimPin, store: SimStore): boolean {
  const holder = pin.holders.find(({ peer }) => peer === store.peer.declaredId || peer === store.peer.id)
  return holder !== undefined && statusOf(holder, world.now) === 'pinned'
}

/** The states that the Cluster answers from its own queue, without asking Kubo (ipfs-cluster 1.1.6). */
export const queueStates: readonly PinStatus[] = [
  'pin_queued',
  'unpin_queued',
  'pinning',
  'unpinning',
  'pin_error',
  'unpin_error',
]
