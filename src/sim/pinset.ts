import { baseCid, baseHolders, baseIndex, basePin, basePinCount } from './base-pins.ts'
import { clusterOf } from './lookup.ts'
import type { SimCluster, SimPin, SimPinChanges, SimSide, SimStore, World } from './world.ts'

/**
 * One copy of a cluster's pinset: the base, what was changed over it, and while the cluster is split, what was changed on
 * one side over that.
 */
export interface Pinset {
  world: World
  cluster: SimCluster
  /** Undefined while the cluster is whole. */
  side: SimSide | undefined
}

/** `state_sync_interval` of ipfs-cluster 1.1.6: how often expired pins are taken out. */
const expiredEvery = 5 * 60_000

/** The copy that a store's peer has. */
export function pinsetOf(world: World, store: SimStore): Pinset {
  const cluster = clusterOf(world, store.cluster)
  return { world, cluster, side: sideOf(cluster, store.peer.declaredId) }
}

/** The copy of a whole cluster; that of the first side while it is split. */
export function pinsetNamed(world: World, name: string): Pinset {
  const cluster = clusterOf(world, name)
  return { world, cluster, side: cluster.split?.sides[0] }
}

export const sideOf = (cluster: SimCluster, peer: string): SimSide | undefined =>
  cluster.split?.sides.find(({ peers }) => peers.includes(peer))

/** Where changes of this copy are written. */
export const changesOf = ({ cluster, side }: Pinset): SimPinChanges => side ?? cluster

/** One pin by its CID, as it is; not to be changed in place (`changePin`). */
export function pinOf(pinset: Pinset, cid: string): SimPin | undefined {
  const { cluster, side } = pinset
  for (const layer of side === undefined ? [cluster] : [side, cluster]) {
    if (Object.hasOwn(layer.removed, cid)) return undefined
    const pin = Object.hasOwn(layer.pins, cid) ? layer.pins[cid] : undefined
    if (pin !== undefined) return isExpired(pin, pinset.world.now) ? undefined : pin
  }
  const index = baseIndex(cluster.base, cid)
  return index === undefined ? undefined : basePin(cluster.base, index)
}

/** Every pin, one after another: memory does not grow with them. Pins that come or go meanwhile do not change the list. */
export function pinsOf(pinset: Pinset): Iterable<SimPin> {
  const { base } = pinset.cluster
  const { replaced, added } = overlay(pinset)
  return {
    *[Symbol.iterator]() {
      const count = basePinCount(base)
      for (let index = 0; index < count; index += 1) {
        const pin = replaced.has(index) ? replaced.get(index) : basePin(base, index)
        if (pin !== undefined) yield pin
      }
      yield* added
    },
  }
}

/**
 * The pins that something was done to: all others are pinned on all their holders. Who looks for trouble looks here only,
 * whatever the number of pins.
 */
export function changedPins(pinset: Pinset): SimPin[] {
  const { replaced, added } = overlay(pinset)
  return [...[...replaced.values()].filter((pin) => pin !== undefined), ...added]
}

/** The CIDs that a peer's Kubo has: those of the base that nothing was done to, and of the others those that `has` says. */
export function* cidsHeldBy(pinset: Pinset, peer: string, has: (changed: SimPin) => boolean): Generator<string> {
  const { base } = pinset.cluster
  const { replaced, added } = overlay(pinset)
  const count = basePinCount(base)
  for (let index = 0; index < count; index += 1) {
    if (replaced.has(index)) {
      const pin = replaced.get(index)
      if (pin !== undefined && has(pin)) yield pin.cid
    } else if (baseHolders(base, index).includes(peer)) {
      yield baseCid(base, index)
    }
  }
  for (const pin of added) if (has(pin)) yield pin.cid
}

export function pinCount(pinset: Pinset): number {
  const { base } = pinset.cluster
  return basePinCount(base) - overlay(pinset).replaced.size + changedPins(pinset).length
}

/** The pins of the base that are not any more what the base says. */
export function hiddenBasePins(pinset: Pinset): SimPin[] {
  return [...overlay(pinset).replaced.keys()].map((index) => basePin(pinset.cluster.base, index))
}

/** Puts a pin into this copy, in the place of the one with its CID. */
export function putPin(pinset: Pinset, pin: SimPin): void {
  const changes = changesOf(pinset)
  changes.pins[pin.cid] = pin
  delete changes.removed[pin.cid]
}

/** Takes a pin out of this copy. */
export function dropPin(pinset: Pinset, cid: string): void {
  const { cluster, side } = pinset
  const changes = changesOf(pinset)
  delete changes.pins[cid]
  const isBelow = baseIndex(cluster.base, cid) !== undefined || (side !== undefined && cluster.pins[cid] !== undefined)
  if (isBelow) changes.removed[cid] = true
}

/** Changes what is known of one pin in place, a write of nobody; what is changed back leaves no trace. */
export function changePin(pinset: Pinset, cid: string, change: (pin: SimPin) => void): void {
  const before = pinOf(pinset, cid)
  if (before === undefined) return
  const pin = structuredClone(before)
  change(pin)
  putPin(pinset, pin)
  if (pinset.side !== undefined) return
  const index = baseIndex(pinset.cluster.base, cid)
  if (index !== undefined && JSON.stringify(basePin(pinset.cluster.base, index)) === JSON.stringify(pin)) {
    delete pinset.cluster.pins[cid]
  }
}

/** The peer that unpins expired pins does so at its next `state_sync_interval`. */
const isExpired = ({ expiresAt }: SimPin, now: number): boolean =>
  expiresAt !== null && now >= Math.ceil(expiresAt / expiredEvery) * expiredEvery

/** The changes of all layers as one: by their number those of the base (undefined where gone), and those that are new. */
function overlay({ world, cluster, side }: Pinset): { replaced: Map<number, SimPin | undefined>; added: SimPin[] } {
  const changed = new Map<string, SimPin | undefined>()
  for (const layer of side === undefined ? [cluster] : [cluster, side]) {
    for (const cid of Object.keys(layer.removed)) changed.set(cid, undefined)
    for (const [cid, pin] of Object.entries(layer.pins)) {
      changed.set(cid, isExpired(pin, world.now) ? undefined : pin)
    }
  }
  const replaced = new Map<number, SimPin | undefined>()
  const added: SimPin[] = []
  for (const [cid, pin] of changed) {
    const index = baseIndex(cluster.base, cid)
    if (index !== undefined) replaced.set(index, pin)
    else if (pin !== undefined) added.push(pin)
  }
  return { replaced, added }
}
