import type { Peer, Pin, PinOnPeer, PinStatus } from '../domain/pinning.ts'
import { baseHeldBy } from './base-pins.ts'
import { clusterOf, isUsable, membersOf, pingValidMs, poolOf } from './lookup.ts'
import { changedPins, hiddenBasePins, pinOf, pinsetOf, sideOf } from './pinset.ts'
import type { SimCluster, SimHolder, SimHostState, SimLeftover, SimPin, SimStore, World } from './world.ts'

/** Many pins are of the same second: making the text takes longer than all else about a pin. */
const knownTexts = new Map<number, string>()

/** RFC 3339 with whole seconds, as the Cluster stores its times. */
export function secondsText(at: number): string {
  const known = knownTexts.get(at)
  if (known !== undefined) return known
  const text = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
  if (knownTexts.size >= 1000) knownTexts.clear()
  knownTexts.set(at, text)
  return text
}

/** Bytes of all pins that this store's Kubo has: what was summed up of the base, put right by what was done since. */
export function heldBytes(world: World, store: SimStore): number {
  const pinset = pinsetOf(world, store)
  const { declaredId } = store.peer
  let sum = baseHeldBy(pinset.cluster.base, declaredId).bytes
  for (const pin of hiddenBasePins(pinset)) {
    if (pin.holders.some(({ peer }) => peer === declaredId)) sum -= pin.size
  }
  const has = new Set<string>()
  for (const pin of changedPins(pinset)) {
    if (!isInKubo(world, pin, store)) continue
    sum += pin.size
    has.add(pin.cid)
  }
  for (const { cid, size } of leftoversOf(world, store)) if (!has.has(cid)) sum += size
  return sum
}

/** The pins that this store's Kubo has though its peer is not to hold them. */
export function leftoversOf(world: World, store: SimStore): SimLeftover[] {
  const { peer } = store
  return clusterOf(world, store.cluster).leftovers.filter((leftover) => {
    if (leftover.peer !== peer.declaredId) return false
    // A peer that was down does what it missed as soon as it is back, whatever happens to it later.
    return leftover.error !== null || (peer.downSince !== null && peer.downSince <= leftover.at)
  })
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
  const cluster = clusterOf(world, viewer.cluster)
  return membersOf(world, viewer.cluster).flatMap(({ host, store }) => {
    if (store === viewer) return [{ host, store, answers: true }]
    const blindSince = viewer.peer.blindTo.find(({ peer }) => peer === store.peer.id)?.since ?? null
    const lostAt = [
      lastPing(store, clusterState(host, store)),
      store.peer.cutOffSince,
      viewer.peer.cutOffSince,
      blindSince,
      splitSince(cluster, viewer, store),
    ]
    const lost = Math.min(...lostAt.map((at) => at ?? Number.POSITIVE_INFINITY))
    return world.now - lost >= pingValidMs ? [] : [{ host, store, answers: lost > world.now }]
  })
}

/** Since when a split lies between two peers; null when none does. */
function splitSince(cluster: SimCluster, one: SimStore, other: SimStore): number | null {
  if (cluster.split === null) return null
  const isTogether = sideOf(cluster, one.peer.declaredId) === sideOf(cluster, other.peer.declaredId)
  return isTogether ? null : cluster.split.since
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
    expiresAt: pin.expiresAt === null ? null : secondsText(pin.expiresAt),
    timestamp: secondsText(pin.createdAt),
  }
}

/** One pin as one peer tracks it; `remote` where others hold it, with the error of an unpin that failed (never retried). */
export function describePinOn(world: World, pin: SimPin, store: SimStore): PinOnPeer {
  const about = { cid: pin.cid, name: pin.name, peer: store.peer.id }
  const cluster = clusterOf(world, store.cluster)
  const holder = holderOf(pin, store)
  if (holder === undefined) {
    const failed = failedUnpin(cluster, store, pin.cid)
    return {
      ...about,
      status: 'remote',
      error: failed?.error ?? '',
      attempts: failed?.attempts ?? 0,
      since: secondsText(failed?.at ?? pin.createdAt),
    }
  }
  const status = statusOf(holder, world.now, cluster.recoverEvery)
  // The time of a pin at work is when it got its slot (measured on 1.1.6).
  const since = status === 'pinning' ? holder.startsAt : holder.queuedAt
  return {
    ...about,
    status,
    error: holder.failure?.error ?? '',
    attempts: attemptsOf(holder, status),
    since: secondsText(holder.failure?.at ?? holder.lostAt ?? since),
  }
}

/** A pin at work counts its present attempt; one that Kubo lists has none (measured on 1.1.6). */
function attemptsOf({ attempts, failure }: SimHolder, status: PinStatus): number {
  if (failure !== null) return failure.attempts
  if (status === 'pin_queued') return attempts
  return status === 'pinning' ? attempts + 1 : 0
}

function failedUnpin(cluster: SimCluster, store: SimStore, cid: string): SimLeftover | undefined {
  if (cluster.leftovers.length === 0) return undefined
  return cluster.leftovers.find(
    (left) => left.cid === cid && left.error !== null && left.peer === store.peer.declaredId,
  )
}

/** `unpin_error`: pins that are out of the pinset, and that this peer could not unpin in its Kubo. */
export function failedRemovals(world: World, store: SimStore): PinOnPeer[] {
  const pinset = pinsetOf(world, store)
  return leftoversOf(world, store).flatMap(({ cid, error, attempts, at }) =>
    error === null || pinOf(pinset, cid) !== undefined
      ? []
      : [
          {
            cid,
            name: '',
            peer: store.peer.id,
            status: 'unpin_error' as const,
            error,
            attempts,
            since: secondsText(at),
          },
        ],
  )
}

export function statusOf(holder: SimHolder, now: number, recoverEvery: number | null): PinStatus {
  if (holder.failure !== null) return 'pin_error'
  if (holder.lostAt !== null) {
    const recoveredAt = recoveryAfter(holder.lostAt, recoverEvery)
    return now < recoveredAt ? 'unexpectedly_unpinned' : 'pinned'
  }
  if (now < holder.startsAt) return 'pin_queued'
  return now < holder.doneAt ? 'pinning' : 'pinned'
}

/** When a peer by itself looks again at what is not as it should be. */
const recoveryAfter = (at: number, every: number | null): number =>
  every === null ? Number.POSITIVE_INFINITY : (Math.floor(at / every) + 1) * every

export const holderOf = (pin: SimPin, store: SimStore): SimHolder | undefined =>
  pin.holders.find(({ peer }) => peer === store.peer.id)

/** Whether the store's Kubo has a pin of the Cluster. It keeps what it has when the peer beside it changes its identity. */
export function isInKubo(world: World, pin: SimPin, store: SimStore): boolean {
  const holder = pin.holders.find(({ peer }) => peer === store.peer.declaredId || peer === store.peer.id)
  if (holder === undefined) return false
  const status = statusOf(holder, world.now, clusterOf(world, store.cluster).recoverEvery)
  return status === 'pinned' || (holder.wasThere && status !== 'unexpectedly_unpinned')
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

/** Whether only pins that something was done to can be in one of these states. */
export const isTrouble = (filter: readonly PinStatus[]): boolean =>
  filter.length > 0 && filter.every((status) => queueStates.includes(status) || status === 'unexpectedly_unpinned')

/** Whether the Cluster answers this filter from its own queue. */
export const isCheap = (filter: readonly PinStatus[]): boolean =>
  filter.length > 0 && filter.every((status) => queueStates.includes(status))
