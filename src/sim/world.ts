import { z } from 'zod'
import { Scheduler } from '../domain/machine.ts'
import { Endpoint } from '../domain/daemons.ts'
import { SmartReport } from '../domain/smart.ts'
import { SimChanging } from './sim-changing.ts'
import { SimOddDataset } from './odd-dataset.ts'
import { SimPool } from './sim-pool.ts'
import { Change } from './undo.ts'

// Everything there is in a simulated fleet, as plain data: it can be stored as JSON and goes on from there. Nothing in it
// runs by itself; what changes with time is computed from `now` and from the moments written down here. Moments are
// milliseconds since 1970, sizes bytes.

const moment = z.number()
const count = z.int().nonnegative()

/** A Cluster peer and its Kubo on one dataset of one pool. */
export const SimStore = z.object({
  name: z.string(),
  tier: z.string(),
  cluster: z.string(),
  pool: z.string(),
  dataset: z.string(),
  datasetGuids: z.record(z.string(), z.string()),
  /** What is unusual about its datasets, by their names. */
  oddDatasets: z.record(z.string(), SimOddDataset),
  quota: count.nullable(),
  /** What the host's own file says, where it differs from the fleet's. */
  localTier: z.string().nullable(),
  /** Services of it that listen beyond loopback. */
  exposed: z.array(Endpoint),
  peer: z.object({
    id: z.string(),
    /** The ID that it should have. Allocations name it, also when the peer has come up with another identity. */
    declaredId: z.string(),
    name: z.string(),
    version: z.string(),
    port: count,
    /** null while it runs, else when it stopped. */
    downSince: moment.nullable(),
    /** It answers, but is cut off from all other peers since then. */
    cutOffSince: moment.nullable(),
    /** Peers whose pings have not reached it since a moment, though it is heard by all. */
    blindTo: z.array(z.object({ peer: z.string(), since: moment })),
    /** The Kubo that it pins into, where that is not the one of its store. */
    foreignKubo: z.string().nullable(),
    /** Metrics that it does not announce. */
    silentMetrics: z.array(z.string()),
    settings: z.object({ disableRepinning: z.boolean(), trustsAll: z.boolean() }),
  }),
  kubo: z.object({
    id: z.string(),
    version: z.string(),
    port: count,
    downSince: moment.nullable(),
    /** null: set to nine tenths of what its pool can hold. */
    storageMax: count.nullable(),
    enableGc: z.boolean(),
    /** CIDs that were pinned past the Cluster. */
    ownPins: z.array(z.string()),
  }),
})
export type SimStore = z.infer<typeof SimStore>

/** ARC counters at `since`, and how they have grown from there. */
export const SimArc = z.object({
  since: moment,
  hits: count,
  misses: count,
  accessesPerSecond: z.number(),
  /** 0 to 1. */
  hitShare: z.number(),
  /** What the hit share is when nothing is wrong. */
  usualHitShare: z.number(),
  size: count,
  minimum: count,
  maximum: count,
})
export type SimArc = z.infer<typeof SimArc>

/** What the kernel of a host says of it. */
export const SimMachine = z.object({
  /** By how many milliseconds its clock is ahead of the world's time. */
  clockOffset: z.number(),
  /** Of the 16,777,216 of its own file system. */
  inodesUsed: count,
  kernel: z.string(),
  bootedAt: moment,
  userNamespaces: z.boolean(),
  memory: z.object({ total: count, available: count }),
  kernels: z.array(z.object({ release: z.string(), hasZfs: z.boolean() })),
  hostId: z.string().nullable(),
  schedulers: z.array(Scheduler),
  bootId: z.string(),
  previousEnded: z.enum(['clean', 'unclean', 'unknown']),
  zedRuns: z.boolean(),
  /** Disks whose every operation takes so many milliseconds longer, since a moment. */
  slowDisks: z.record(z.string(), z.object({ since: moment, extra: z.number() })),
  /** What SMART says against disks; all others are well. */
  smartFlaws: z.record(z.string(), SmartReport.partial()),
  /** Units that somebody has stopped; all others are active. */
  stoppedUnits: z.array(z.string()),
})
export type SimMachine = z.infer<typeof SimMachine>

export const SimHostState = z.object({
  name: z.string(),
  /** Its address on the simulated network. */
  address: z.string(),
  /** `stale`: it answers, but its probes have stopped. */
  agent: z.enum(['up', 'down', 'stale']),
  /** Whether the root helper answers. Without it, paths of damaged files stay unknown. */
  executor: z.boolean(),
  machine: SimMachine,
  zfs: z.object({
    userland: z.string(),
    module: z.string(),
    /** Whether it is new enough for JSON, and for properties of vdevs. */
    json: z.boolean(),
    /** What `zpool` and `zfs` do when they are called. `babble`: `zpool status` prints something unknown. */
    programs: z.enum(['answer', 'hang', 'babble']),
  }),
  arc: SimArc,
  pools: z.array(SimPool),
  stores: z.array(SimStore),
  changing: SimChanging,
})
export type SimHostState = z.infer<typeof SimHostState>

/** One peer that has to hold a pin: it waits until `startsAt`, fetches until `doneAt`, and has it then. */
export const SimHolder = z.object({
  peer: z.string(),
  queuedAt: moment,
  startsAt: moment,
  doneAt: moment,
  /** Its Kubo had the pin already when it was queued. */
  wasThere: z.boolean(),
  /** How often it was tried before it was queued again. */
  attempts: count,
  /** Why it has failed; null when it has not. */
  failure: z.object({ at: moment, error: z.string(), attempts: count }).nullable(),
  /** When its Kubo lost the pin though it is to hold it, with nothing queued; null while it has not. */
  lostAt: moment.nullable(),
})
export type SimHolder = z.infer<typeof SimHolder>

export const SimPin = z.object({
  cid: z.string(),
  name: z.string(),
  /** What its content takes on one holder. */
  size: count,
  /** Both −1: on every peer. */
  replicationMin: z.int(),
  replicationMax: z.int(),
  metadata: z.record(z.string(), z.string()),
  createdAt: moment,
  expiresAt: moment.nullable(),
  /** The pin whose whole record this one took over (`pin-update`). */
  updateOf: z.string().nullable(),
  /** Height of the write in the CRDT's graph: of two writes that did not know of each other, the higher one stays. */
  height: count,
  holders: z.array(SimHolder),
})
export type SimPin = z.infer<typeof SimPin>

/** Pins made by function from a key and a number (`base-pins.ts`); they are pinned on all their holders. */
export const SimBasePins = z.object({
  key: count,
  madeAt: moment,
  tiers: z.array(
    z.object({
      name: z.string(),
      count,
      /** Bytes of an average pin. */
      pinSize: z.number(),
      /** Peer IDs, each on another host. */
      members: z.array(z.string()),
      /** What each member holds, summed up when the world was made. */
      held: z.record(z.string(), z.object({ pins: count, bytes: count })),
    }),
  ),
})
export type SimBasePins = z.infer<typeof SimBasePins>

/** What was done to a pinset, by CID: it lies over the base, or over the changes below it. */
export const SimPinChanges = z.object({
  /** Pins that are new, or not any more what they were. */
  pins: z.record(z.string(), SimPin),
  /** Pins that are gone. */
  removed: z.record(z.string(), z.literal(true)),
})
export type SimPinChanges = z.infer<typeof SimPinChanges>

/** Peers that see only each other while a cluster is split, with what was done on their side. */
export const SimSide = SimPinChanges.extend({
  /** Declared peer IDs. */
  peers: z.array(z.string()),
  height: count,
  /** CIDs that were deleted on this side, also where they came back. */
  tombstones: z.array(z.string()),
})
export type SimSide = z.infer<typeof SimSide>

/** A pin that a Kubo still has though its peer is not to hold it any more. */
export const SimLeftover = z.object({
  /** Declared ID of the peer. */
  peer: z.string(),
  cid: z.string(),
  size: count,
  at: moment,
  /** Why the unpin failed; null when the peer was down then, and has it removed as soon as it is back. */
  error: z.string().nullable(),
  attempts: count,
})
export type SimLeftover = z.infer<typeof SimLeftover>

export const SimCluster = SimPinChanges.extend({
  name: z.string(),
  base: SimBasePins,
  /** Of the CRDT's graph: how many writes lie on each other. */
  height: count,
  /** `pin_recover_interval`; null where peers do not recover by themselves. */
  recoverEvery: count.nullable(),
  leftovers: z.array(SimLeftover),
  split: z.object({ since: moment, height: count, sides: z.array(SimSide) }).nullable(),
})
export type SimCluster = z.infer<typeof SimCluster>

/** One thing that was done to the world from outside. `sequence` has no gaps: a lost or a doubled effect shows. */
export const Effect = z.object({
  sequence: count,
  at: moment,
  /** `fault applied`, `pin added`, … */
  kind: z.string(),
  subject: z.string(),
})
export type Effect = z.infer<typeof Effect>

export const World = z.object({
  format: z.literal(4),
  seed: z.number(),
  /** Where the stream of random numbers stands. */
  random: z.number(),
  /** The world's time. Only the clock moves it. */
  now: moment,
  hosts: z.array(SimHostState),
  clusters: z.array(SimCluster),
  /** The names of the faults that are applied, in the order in which they were. */
  faults: z.array(z.string()),
  /** What each of them has changed. */
  undo: z.record(z.string(), z.array(Change)),
  /** Every effect that was ever had on this world, in order. */
  effects: z.array(Effect),
})
export type World = z.infer<typeof World>
