import { z } from 'zod'
import { storesOf } from '../../domain/health/stores-of-host.ts'
import { answered, type FleetView } from '../../domain/health/view.ts'
import type { World } from '../world.ts'

/** A pool with the names of the stores on it. */
interface PoolOfStores {
  host: string
  stores: readonly string[]
}

/** A plan keeps for each pool the others with which it shares the most. */
const keptPartners = 16

/** `[3, 7, 1200]`: the pools at 3 and 7 of the plan share 1,200 pins. Pairs that share none are left out. */
export const SharedPins = z.array(z.tuple([z.int(), z.int(), z.number()]))
export type SharedPins = z.infer<typeof SharedPins>

/**
 * How many pins each two pools share: while both are scrubbed, the copies of these answer slowly. Counted once through the groups
 * of one pin index of each cluster: the memory grows with the square of the pools, eight bytes each, and never with pins. Where no
 * index tells, nothing is said of a pair: it counts as sharing none. Two pools of one host are never scrubbed at once.
 */
export async function sharedPinsOf(
  world: World,
  pools: readonly PoolOfStores[],
  clusters: ReadonlyMap<string, { cluster: string; peer: string | undefined }>,
  signal: AbortSignal,
): Promise<SharedPins> {
  const count = pools.length
  const pins = new Float64Array(count * count)
  const seen = new Set<string>()
  /** The place of a pool by the peers of its stores. */
  const placeOf = new Map<string, number>()
  for (const [index, { host, stores }] of pools.entries()) {
    for (const store of stores) {
      const peer = clusters.get(`${host}/${store}`)?.peer
      if (peer !== undefined) placeOf.set(peer, index)
    }
  }
  for (const { host, stores } of pools) {
    for (const store of stores) {
      const cluster = clusters.get(`${host}/${store}`)?.cluster
      if (cluster === undefined || seen.has(cluster)) continue
      if (await addGroups(world, { host, store }, { pins, count, placeOf }, signal)) seen.add(cluster)
    }
  }
  return strongest(pins, pools)
}

/** Goes through the groups of one index; false where nobody keeps one there. */
async function addGroups(
  world: World,
  { host, store }: { host: string; store: string },
  { pins, count, placeOf }: { pins: Float64Array; count: number; placeOf: ReadonlyMap<string, number> },
  signal: AbortSignal,
): Promise<boolean> {
  const index = world.pins(host, store)
  try {
    await index.summary(signal)
  } catch {
    signal.throwIfAborted()
    return false
  }
  for await (const { holders, pins: number } of index.groups(signal)) {
    // What goes everywhere is shared by all alike: it makes no difference to the order.
    if (holders === 'everywhere') continue
    const places = [...new Set(holders.map((peer) => placeOf.get(peer)))].filter((place) => place !== undefined)
    for (const one of places) {
      for (const other of places) if (one < other) pins[one * count + other] = (pins[one * count + other] ?? 0) + number
    }
  }
  return true
}

function strongest(pins: Float64Array, pools: readonly PoolOfStores[]): SharedPins {
  const count = pools.length
  const between = (one: number, other: number) => pins[Math.min(one, other) * count + Math.max(one, other)] ?? 0
  const kept = new Map<string, [number, number, number]>()
  for (let one = 0; one < count; one += 1) {
    const partners: { other: number; shared: number }[] = []
    for (let other = 0; other < count; other += 1) {
      const shared = between(one, other)
      if (shared > 0 && pools[one]?.host !== pools[other]?.host) partners.push({ other, shared })
    }
    for (const { other, shared } of partners.toSorted((a, b) => b.shared - a.shared).slice(0, keptPartners)) {
      const [first, second] = one < other ? [one, other] : [other, one]
      kept.set(`${first} ${second}`, [first, second, shared])
    }
  }
  return [...kept.values()].toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
}

/** Those that share the fewest pins with what runs come first; among equals, the order of the plan stays. */
export function byFewestShared(
  keys: readonly string[],
  shared: SharedPins,
  waiting: readonly string[],
  running: readonly string[],
): string[] {
  const places = new Map(keys.map((key, index) => [key, index]))
  const busy = new Set(running.map((key) => places.get(key)))
  const weights = new Map<number, number>()
  for (const [one, other, pins] of shared) {
    if (busy.has(one)) weights.set(other, (weights.get(other) ?? 0) + pins)
    if (busy.has(other)) weights.set(one, (weights.get(one) ?? 0) + pins)
  }
  const placeOf = (key: string) => places.get(key) ?? keys.length
  return waiting.toSorted(
    (a, b) => (weights.get(placeOf(a)) ?? 0) - (weights.get(placeOf(b)) ?? 0) || placeOf(a) - placeOf(b),
  )
}

/** The cluster and the peer of each store, by `n1/hot`. */
export function peersOf(view: FleetView): Map<string, { cluster: string; peer: string | undefined }> {
  return new Map(
    answered(view).flatMap((host) =>
      storesOf(host).map(({ name, cluster, declared, observed }) => {
        const peer = declared?.peer ?? observed?.pinset?.last?.value.peer ?? observed?.peer?.last?.value.id
        return [`${host.name}/${name}`, { cluster, peer }] as const
      }),
    ),
  )
}
