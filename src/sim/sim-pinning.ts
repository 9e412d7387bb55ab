import type { Metric } from '../domain/pinning.ts'
import type { Pinning } from '../domain/ports/pinning.ts'
import { OpsError, Unreachable } from '../domain/errors.ts'
import {
  canReadPinset,
  clusterState,
  describePeer,
  describePin,
  describePinOn,
  describeSeen,
  kuboState,
  failedRemovals,
  isCheap,
  isTrouble,
  seenBy,
} from './pin-view.ts'
import { looked } from './looked.ts'
import { changedPins, pinOf, pinsetOf, pinsOf } from './pinset.ts'
import { describeKubo } from './sim-content.ts'
import { createRests } from './rests.ts'
import { pingValidMs } from './lookup.ts'
import type { SimHostState, SimStore, World } from './world.ts'

/** The peer answered, with an error. */
export class SimPeerFailed extends OpsError {
  readonly remedy = 'retry'
}

/** The Cluster peer of one simulated store, with the ways of the real one. */
export function simPinning(world: World, host: SimHostState, store: SimStore): Pinning {
  const what = `Cluster peer ${host.name}/${store.name}`
  const reach = (signal?: AbortSignal): void => {
    signal?.throwIfAborted()
    if (clusterState(host, store) !== 'answers') {
      throw new Unreachable(`${what} at 127.0.0.1:${store.peer.port}: connection refused`)
    }
  }
  const readPinset = (signal: AbortSignal | undefined) => {
    reach(signal)
    // The pinset lies on the store's pool: a read of it waits in the kernel. The simulator tells the end of the wait at once.
    if (!canReadPinset(host, store)) throw new Unreachable(`${what}: no answer in time`)
    return pinsetOf(world, store)
  }
  return {
    self: looked(() => describePeer(world, host, store), reach),
    async *peers(signal) {
      reach(signal)
      for (const seen of seenBy(world, store)) {
        reach(signal)
        yield describeSeen(world, seen)
      }
    },
    async *allocations(signal) {
      const rest = createRests()
      for (const pin of pinsOf(readPinset(signal))) {
        reach(signal)
        yield describePin(pin)
        const resting = rest()
        if (resting !== undefined) await resting
      }
    },
    allocation: async (cid, signal) => {
      const pin = pinOf(readPinset(signal), cid)
      return pin === undefined ? undefined : describePin(pin)
    },
    async *pins(filter, signal) {
      reach(signal)
      const cheap = isCheap(filter)
      if (!cheap && kuboState(host, store) !== 'answers') {
        throw new SimPeerFailed(`${what}: cannot list pins: ${describePeer(world, host, store).kubo.error}`)
      }
      const pinset = cheap ? pinsetOf(world, store) : readPinset(signal)
      if (cheap) yield* failedRemovals(world, store).filter(({ status }) => filter.includes(status))
      const rest = createRests()
      for (const pin of isTrouble(filter) ? changedPins(pinset) : pinsOf(pinset)) {
        const resting = rest()
        if (resting !== undefined) await resting
        const tracked = describePinOn(world, pin, store)
        if (filter.length > 0 && !filter.includes(tracked.status)) continue
        reach(signal)
        yield tracked
      }
    },
    metricNames: looked(metricNamesHeardBy, reach),
    metrics: (name, signal) => looked(() => metricsSeenBy(world, store, name), reach)(signal),
  }
}

/** The latest metrics as one peer has them. `ping` goes on when a Kubo is dead; only `freespace` lapses (measured, 1.1.6). */
export function metricsSeenBy(world: World, viewer: SimStore, name: string): Metric[] {
  return seenBy(world, viewer).flatMap(({ host, store, answers }) => {
    const value = metricValue(world, host, store, name)
    if (value === undefined) return []
    // Announced every 15 s; a peer that has fallen silent leaves its last one behind.
    const received = answers ? Math.floor(world.now / 15_000) * 15_000 : (store.peer.downSince ?? world.now)
    return [
      {
        name,
        peer: store.peer.id,
        value,
        valid: true,
        expire: nanoseconds(received + pingValidMs),
        receivedAt: nanoseconds(received),
      },
    ]
  })
}

const announced = ['freespace', 'ping', 'pinqueue', 'tag:tier']

/** A name that once was heard stays in the list (ipfs-cluster 1.1.6). */
export const metricNamesHeardBy = (): string[] => announced

function metricValue(world: World, host: SimHostState, store: SimStore, name: string): string | undefined {
  if (store.peer.silentMetrics.includes(name)) return undefined
  switch (name) {
    case 'ping':
      return JSON.stringify({ peer_name: store.peer.name, ipfs_id: store.kubo.id })
    case 'freespace': {
      if (kuboState(host, store) !== 'answers') return undefined
      const { storageMax, repoSize } = describeKubo(world, host, store)
      return String(Math.max(0, (storageMax ?? 0) - repoSize))
    }
    case 'pinqueue':
      return '0'
    case 'tag:tier':
      return store.tier
    default:
      return undefined
  }
}

/** Exact beyond what a number holds; the world's milliseconds have no smaller part. */
const nanoseconds = (at: number): bigint => BigInt(Math.floor(at)) * 1_000_000n
