import type { Metric, Peer, PinOnPeer } from '../../domain/pinning.ts'
import type { SimPin, World } from '../world.ts'
import { describePin, describePinOn, describeSeen, secondsText, seenBy, type SeenPeer } from '../pin-view.ts'

// The JSON of the REST API of ipfs-cluster 1.1.6 (`api/types.go`): key for key, with null where Go has a nil slice or map.

/** `ipfs.id` is left out, not empty, when Kubo does not answer (recorded from 1.1.6). */
export function wirePeer(peer: Peer, others: readonly SeenPeer[]): Record<string, unknown> {
  const isKnown = peer.version !== ''
  return {
    id: peer.id,
    addresses: isKnown ? peer.addresses : null,
    cluster_peers: isKnown ? peer.sees : null,
    cluster_peers_addresses: isKnown
      ? others
          .filter(({ store }) => store.peer.id !== peer.id)
          .map(({ host, store }) => `/ip4/${host.address}/tcp/${store.peer.port + 2}/p2p/${store.peer.id}`)
      : null,
    version: peer.version,
    commit: '',
    rpc_protocol_version: isKnown ? '/ipfscluster/1.0/rpc' : '',
    error: peer.error,
    ipfs: { ...(peer.kubo.id === '' ? {} : { id: peer.kubo.id }), addresses: null, error: peer.kubo.error },
    peername: peer.name,
  }
}

export const wireSeen = (world: World, seen: SeenPeer): Record<string, unknown> =>
  wirePeer(describeSeen(world, seen), seenBy(world, seen.store))

/** Go's zero time. */
const noTime = '0001-01-01T00:00:00Z'

export function wirePin(pin: SimPin): Record<string, unknown> {
  const { allocations } = describePin(pin)
  return {
    replication_factor_min: pin.replicationMin,
    replication_factor_max: pin.replicationMax,
    name: pin.name,
    mode: 'recursive',
    shard_size: 0,
    user_allocations: null,
    expire_at: pin.expiresAt === null ? noTime : secondsText(pin.expiresAt),
    metadata: Object.keys(pin.metadata).length === 0 ? null : pin.metadata,
    pin_update: pin.updateOf,
    origins: [],
    cid: pin.cid,
    type: 'pin',
    allocations,
    max_depth: -1,
    reference: null,
    timestamp: secondsText(pin.createdAt),
  }
}

/** A GlobalPinInfo over the given peers. */
export function wirePinInfo(world: World, pin: SimPin, peers: readonly SeenPeer[]): Record<string, unknown> {
  const { allocations } = describePin(pin)
  return {
    cid: pin.cid,
    name: pin.name,
    allocations,
    origins: [],
    created: secondsText(pin.createdAt),
    metadata: Object.keys(pin.metadata).length === 0 ? null : pin.metadata,
    peer_map: peerMap(peers, ({ store, answers }) => {
      const tracked = describePinOn(world, pin, store)
      if (!answers) return { ...tracked, status: 'cluster_error', error: 'context deadline exceeded' }
      return { ...tracked, isPriority: isPriority(world, pin, tracked) }
    }),
  }
}

type Tracked = Pick<PinOnPeer, 'status' | 'error' | 'attempts' | 'since'> & { isPriority?: boolean }

const peerMap = (peers: readonly SeenPeer[], track: (peer: SeenPeer) => Tracked): Record<string, unknown> =>
  Object.fromEntries(
    peers.map((peer) => {
      const { status, error, attempts, since, isPriority: priority = false } = track(peer)
      const names = { peername: peer.store.peer.name, ipfs_peer_id: peer.store.kubo.id }
      return [
        peer.store.peer.id,
        { ...names, status, timestamp: since, error, attempt_count: attempts, priority_pin: priority },
      ]
    }),
  )

/** New pins go ahead of old ones that are tried again: younger than a day, and tried five times at most (1.1.6). */
const isPriority = (world: World, { createdAt }: SimPin, { status, attempts }: PinOnPeer): boolean =>
  (status === 'pin_queued' || status === 'pinning' || status === 'pin_error') &&
  world.now - createdAt < 86_400_000 &&
  attempts <= 5

/** A pin that is out of the pinset, and that one peer could not unpin: without a name (recorded from 1.1.6). */
export const wireFailedRemoval = (failed: PinOnPeer, peer: SeenPeer): Record<string, unknown> => ({
  cid: failed.cid,
  name: failed.name,
  allocations: [],
  origins: null,
  created: failed.since,
  metadata: null,
  peer_map: peerMap([peer], () => failed),
})

/** The answer of `GET /pins/{cid}` for a CID that the pinset does not have: 200, and unpinned everywhere (measured). */
export const wireUnknownPin = (cid: string, peers: readonly SeenPeer[], now: number): Record<string, unknown> => ({
  cid,
  name: '',
  allocations: null,
  origins: null,
  created: noTime,
  metadata: null,
  peer_map: peerMap(peers, () => ({ status: 'unpinned', error: '', attempts: 0, since: secondsText(now) })),
})

export function wireMetrics(metrics: readonly Metric[]): string {
  const marked = JSON.stringify(
    metrics.map(({ name, peer, value, valid, expire, receivedAt }) => ({
      name,
      peer,
      value,
      expire: `@${expire}@`,
      valid,
      weight: name === 'freespace' ? Number(value) : 0,
      partitionable: false,
      received_at: `@${receivedAt}@`,
    })),
  )
  // JSON.stringify cannot write 64-bit integers, and as numbers they would lose their last digits.
  return marked.replaceAll(/"@(\d+)@"/g, '$1')
}
