import { z } from 'zod'
import { VdevState } from '../domain/pool-status.ts'
import { SimSnapshot } from './sim-snapshot.ts'

// Pools of the simulated world, as plain data; see world.ts.

const moment = z.number()
const count = z.int().nonnegative()

export const SimDisk = z.object({
  name: z.string(),
  path: z.string(),
  guid: z.string(),
  size: count,
  state: VdevState,
  readErrors: count,
  writeErrors: count,
  checksumErrors: count,
  note: z.string(),
})
export type SimDisk = z.infer<typeof SimDisk>

/** A new disk that is being written to take the place of an old one. */
export const SimReplacement = z.object({
  /** The name of the old disk. */
  of: z.string(),
  guid: z.string(),
  disk: SimDisk,
})
export type SimReplacement = z.infer<typeof SimReplacement>

/** One top-level vdev. */
export const SimVdev = z.object({
  name: z.string(),
  class: z.enum(['data', 'special']),
  kind: z.enum(['mirror', 'raidz']),
  guid: z.string(),
  /** How many disks it can lose. */
  parity: count,
  disks: z.array(SimDisk),
  replacements: z.array(SimReplacement),
  /** What lies on a special vdev: 0 to 1. */
  fill: z.number(),
})
export type SimVdev = z.infer<typeof SimVdev>

/** A scrub that somebody has started, or has taken out of the schedule by pausing or stopping it. */
export const SimScrub = z.object({
  kind: z.enum(['scrub', 'error-scrub']),
  startedAt: moment,
  /** How long it works in all, pauses not counted. */
  takes: count,
  /** How long it had worked before `runsSince`. */
  worked: count,
  /** null while it stands still. */
  runsSince: moment.nullable(),
  pausedAt: moment.nullable(),
  canceledAt: moment.nullable(),
  /** What it will have found and could not repair, when it ends. */
  errors: count,
  /** The damaged files that were listed when it began, and those that it lists when it ends. */
  listed: z.array(z.string()),
  finds: z.array(z.string()),
})
export type SimScrub = z.infer<typeof SimScrub>

export const SimPool = z.object({
  name: z.string(),
  guid: z.string(),
  imported: z.boolean(),
  /** Imported without the right to write. */
  readonly: z.boolean(),
  /** All I/O has stopped until a person acts. */
  suspended: z.boolean(),
  /** The pool's metadata cannot be read: it could not be opened. */
  corrupted: z.boolean(),
  vdevs: z.array(SimVdev).min(1),
  /** Hot spares; one that has taken the place of a disk names it. */
  spares: z.array(SimDisk.extend({ standsInFor: z.string().nullable() })),
  /** Files that are damaged beyond repair, and listed whatever scrubs have found. */
  damagedFiles: z.array(z.string()),
  /** Files that are damaged beyond repair, and that nobody has read since: a whole scrub finds them. */
  hiddenDamage: z.array(z.string()),
  /** Scrubs start at `first + n × every` and take `takes`; none has started after `stoppedAt`. */
  scrubs: z.object({
    first: moment,
    every: count,
    takes: count,
    stoppedAt: moment.nullable(),
    /** The one that was running then stands still since. */
    pausedAt: moment.nullable(),
    /** What each of them has found and could not repair. */
    errors: count,
  }),
  /** Takes the place of the schedule from when an operation has acted on a scrub. */
  scrub: SimScrub.nullable(),
  /** A resilver, running or done. Its record takes the place of the last scrub. */
  resilver: z.object({ startedAt: moment, takes: count }).nullable(),
  /** A newer OpenZFS has features that the pool does not use yet. */
  featuresDisabled: z.boolean(),
  /** It was last in use by a host of another ID. */
  hostIdDiffers: z.boolean().optional(),
  /** Data that belongs to nobody we know, in the pool's own dataset. */
  ballast: count,
  /** 0 to 1. */
  fragmentation: z.number(),
  snapshots: z.array(SimSnapshot).default([]),
})
export type SimPool = z.infer<typeof SimPool>
