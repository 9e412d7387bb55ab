import type { VdevState } from '../domain/pool-status.ts'
import type { RandomState } from './random.ts'

/**
 * Everything there is in a simulated fleet, as plain data: it can be stored as JSON and goes on from there. Nothing in it
 * runs by itself; what changes with time is computed from `now` and the moments written down here.
 */
export interface World extends RandomState {
  format: 1
  seed: number
  /** The world's time; milliseconds since 1970. Only the clock moves it. */
  now: number
  hosts: SimHostState[]
  clusters: SimCluster[]
  /** The names of the faults that are applied, in the order in which they were. */
  faults: string[]
  /** Every effect that was ever had on this world, in order. */
  effects: Effect[]
}

/** One thing that was done to the world from outside. `sequence` has no gaps: a lost or a doubled effect shows. */
export interface Effect {
  sequence: number
  at: number
  /** `fault applied`, `pin added`, … */
  kind: string
  subject: string
}

export interface SimHostState {
  name: string
  /** Its address on the simulated network. */
  address: string
  /** `stale`: it answers, but its probes have stopped, at `agentSince`. */
  agent: 'up' | 'down' | 'stale'
  agentSince: number
  /** Whether the root helper answers. Without it, paths of damaged files stay unknown. */
  executor: boolean
  zfs: {
    userland: string
    module: string
    json: boolean
    vdevProperties: boolean
    /** What `zpool` and `zfs` do when they are called. `babble`: `zpool status` prints something unknown. */
    programs: 'answer' | 'hang' | 'babble'
  }
  arc: SimArc
  pools: SimPool[]
  stores: SimStore[]
}

/** ARC counters at `since`, and how they have grown from there. */
export interface SimArc {
  since: number
  hits: number
  misses: number
  accessesPerSecond: number
  /** 0 to 1. */
  hitShare: number
  /** What the hit share is when nothing is wrong. */
  usualHitShare: number
  size: number
  minimum: number
  maximum: number
}

export interface SimPool {
  name: string
  guid: string
  imported: boolean
  /** All I/O has stopped until a person acts. */
  suspended: boolean
  /** The pool's metadata cannot be read: it could not be opened. */
  corrupted: boolean
  vdev: SimVdev
  /** Permanent errors, as `zpool status -v` lists them. */
  damagedFiles: string[]
  /** Scrubs start at `first + n × every` and take `takes`; none has started after `stoppedAt`. */
  scrubs: { first: number; every: number; takes: number; stoppedAt: number | null }
  /** Bytes of data that belong to nobody we know, in the pool's own dataset. */
  ballast: number
  /** 0 to 1. */
  fragmentation: number
}

/** The one top-level vdev of a simulated pool. */
export interface SimVdev {
  name: string
  kind: 'mirror' | 'raidz'
  guid: string
  /** How many disks it can lose. */
  parity: number
  disks: SimDisk[]
}

export interface SimDisk {
  name: string
  path: string
  guid: string
  size: number
  state: VdevState
  readErrors: number
  writeErrors: number
  checksumErrors: number
  note: string
}

/** A Cluster peer and its Kubo on one dataset of one pool. */
export interface SimStore {
  name: string
  tier: string
  cluster: string
  pool: string
  dataset: string
  datasetGuids: Record<string, string>
  quota: number | null
  /** What the host's own file says, where it differs from the fleet's. */
  localTier: string | null
  peer: {
    id: string
    name: string
    version: string
    port: number
    /** null while it runs, else when it stopped. */
    downSince: number | null
    /** It answers, but is cut off from all other peers since then. */
    cutOffSince: number | null
  }
  kubo: {
    id: string
    version: string
    port: number
    downSince: number | null
    /** CIDs that were pinned past the Cluster. */
    ownPins: string[]
  }
}

export interface SimCluster {
  name: string
  pins: SimPin[]
}

export interface SimPin {
  cid: string
  name: string
  /** Bytes of its content on one holder. */
  size: number
  /** Both −1: on every peer. */
  replicationMin: number
  replicationMax: number
  metadata: Record<string, string>
  createdAt: number
  holders: SimHolder[]
}

/** One peer that has to hold a pin: it waits until `startsAt`, fetches until `doneAt`, and has it then. */
export interface SimHolder {
  peer: string
  queuedAt: number
  startsAt: number
  doneAt: number
  /** Why it has failed; null when it has not. */
  failure: { at: number; error: string; attempts: number } | null
}

/** How long a peer's `ping` stays valid after its last one: twice `monitor_ping_interval` (ipfs-cluster 1.1.6). */
export const pingValidMs = 30_000

/** A part of the world that was asked for and is not there: a mistake of the caller. */
export class NotInWorld extends Error {
  override readonly name = 'NotInWorld'
}

export function hostOf(world: World, name: string): SimHostState {
  return found(
    world.hosts.find((host) => host.name === name),
    `host ${name}`,
  )
}

export function storeOf(host: SimHostState, name: string): SimStore {
  return found(
    host.stores.find((store) => store.name === name),
    `store ${host.name}/${name}`,
  )
}

export function poolOf(host: SimHostState, name: string): SimPool {
  return found(
    host.pools.find((pool) => pool.name === name),
    `pool ${host.name}/${name}`,
  )
}

/** Whether programs can use what lies on the pool. */
export const isUsable = (pool: SimPool): boolean => pool.imported && !pool.corrupted && !pool.suspended

export function clusterOf(world: World, name: string): SimCluster {
  return found(
    world.clusters.find((cluster) => cluster.name === name),
    `cluster ${name}`,
  )
}

/** Every store of a cluster with its host, in the order of hosts. */
export function membersOf(world: World, cluster: string): { host: SimHostState; store: SimStore }[] {
  return world.hosts.flatMap((host) =>
    host.stores.filter((store) => store.cluster === cluster).map((store) => ({ host, store })),
  )
}

/** Writes down that something was done to the world. */
export function recordEffect(world: World, kind: string, subject: string): Effect {
  const effect = { sequence: world.effects.length + 1, at: world.now, kind, subject }
  world.effects.push(effect)
  return effect
}

function found<T>(item: T | undefined, what: string): T {
  if (item === undefined) throw new NotInWorld(`the simulated world has no ${what}`)
  return item
}
