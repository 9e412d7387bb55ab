import { Instant } from '../domain/units.ts'
import type { SimDisk, SimPool } from './sim-pool.ts'
import type { Effect, SimCluster, SimHostState, SimStore, World } from './world.ts'

/** How long a peer's `ping` stays valid after its last one: twice `monitor_ping_interval` (ipfs-cluster 1.1.6). */
export const pingValidMs = 30_000

/** A part of the world that was asked for and is not there: a mistake of the caller. */
export class NotInWorld extends Error {
  override readonly name = 'NotInWorld'
}

export const hostOf = (world: World, name: string): SimHostState => named(world.hosts, name, `host ${name}`)

export const storeOf = (host: SimHostState, name: string): SimStore =>
  named(host.stores, name, `store ${host.name}/${name}`)

export const poolOf = (host: SimHostState, name: string): SimPool =>
  named(host.pools, name, `pool ${host.name}/${name}`)

/** The world's time. */
export const worldNow = (world: World): Instant => Instant.parse(Math.floor(world.now))

/** The time that a host's own clock tells. */
export const hostNow = (world: World, { machine }: SimHostState): Instant =>
  Instant.parse(worldNow(world) + machine.clockOffset)

/** A store by its place: `n1/hot`. */
export function storeAt(world: World, place: string): SimStore {
  const [host = '', store = ''] = place.split('/')
  return storeOf(hostOf(world, host), store)
}

/** A pool by its place: `n1/hot-tier`. */
export function poolAt(world: World, place: string): SimPool {
  const [host = '', pool = ''] = place.split('/')
  return poolOf(hostOf(world, host), pool)
}

/** A disk of a vdev by its place: `n1/hot-tier/sda`. */
export function diskAt(world: World, place: string): SimDisk {
  const disks = poolAt(world, place).vdevs.flatMap((vdev) => vdev.disks)
  return named(disks, place.split('/')[2], `disk ${place}`)
}

/** Whether programs can use what lies on the pool. */
export const isUsable = (pool: SimPool): boolean => pool.imported && !pool.corrupted && !pool.suspended

export const clusterOf = (world: World, name: string): SimCluster => named(world.clusters, name, `cluster ${name}`)

/** Every store of a cluster with its host, in the order of hosts. */
export function membersOf(world: World, cluster: string): { host: SimHostState; store: SimStore }[] {
  return world.hosts.flatMap((host) =>
    host.stores.filter((store) => store.cluster === cluster).map((store) => ({ host, store })),
  )
}

/** Writes down that something was done to the world, and by which operation. */
export function recordEffect(world: World, kind: string, subject: string, by = ''): Effect {
  const said = by === '' ? subject : `${subject} by ${by}`
  const effect = { sequence: world.effects.length + 1, at: world.now, kind, subject: said }
  world.effects.push(effect)
  return effect
}

function named<T extends { name: string }>(items: readonly T[], name: string | undefined, what: string): T {
  const item = items.find((one) => one.name === name)
  if (item === undefined) throw new NotInWorld(`the simulated world has no ${what}`)
  return item
}
