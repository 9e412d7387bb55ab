import { z } from 'zod'
import { Bytes, Duration, Instant, Share } from './units.ts'

/**
 * The state of a pool as `zpool status` words it. `UNAVAIL` covers "cannot be opened"; `SUSPENDED` means that the pool
 * has stopped all writes until a person acts (zpoolprops(7), failmode).
 */
export const PoolState = z.enum([
  'ONLINE',
  'DEGRADED',
  'FAULTED',
  'UNAVAIL',
  'SUSPENDED',
  'OFFLINE',
  'REMOVED',
  'UNKNOWN',
])
export type PoolState = z.infer<typeof PoolState>

/** The state of one vdev or disk. `AVAIL` and `INUSE` are states of spares only. */
export const VdevState = z.enum([
  'ONLINE',
  'DEGRADED',
  'FAULTED',
  'OFFLINE',
  'REMOVED',
  'UNAVAIL',
  'SPLIT',
  'UNKNOWN',
  'AVAIL',
  'INUSE',
])
export type VdevState = z.infer<typeof VdevState>

/** Whether a pool in this state does its work: programs that ask for it come back. On a suspended one some hang for ever. */
export const doesItsWork = (state: string | undefined): boolean => state === 'ONLINE' || state === 'DEGRADED'

/** What a vdev is. `disk` and `file` are leaves; `unknown` is an absent leaf of which only the guid is known. */
export const VdevKind = z.enum([
  'disk',
  'file',
  'mirror',
  'raidz',
  'draid',
  'replacing',
  'spare',
  'draid-spare',
  'indirect',
  'unknown',
])
export type VdevKind = z.infer<typeof VdevKind>

/** One node of a pool's tree. */
export interface Vdev {
  /** As `zpool status` shows it: `mirror-0`, `sda`, a path, or the guid of an absent disk. */
  name: string
  kind: VdevKind
  state: VdevState
  /** Errors since the last `zpool clear`; null where ZFS prints none (spares). */
  readErrors: number | null
  writeErrors: number | null
  checksumErrors: number | null
  /** I/Os slower than `zio_slow_io_ms`; only where it was asked for and printed. */
  slowIos?: number | undefined
  /** Its raidz or dRAID does not read it for a while (2.4); absent where it does, and where that is not told. */
  sitsOut?: boolean | undefined
  /** What ZFS adds behind the row: `too many errors`, `was /dev/sdb1`, `(resilvering)`; empty when nothing. */
  note: string
  /** Decimal, as a string: guids exceed 2^53. Text output has none. */
  guid?: string | undefined
  path?: string | undefined
  children: Vdev[]
}
const counter = z.number().nonnegative().nullable()
export const Vdev: z.ZodType<Vdev> = z.object({
  name: z.string(),
  kind: VdevKind,
  state: VdevState,
  readErrors: counter,
  writeErrors: counter,
  checksumErrors: counter,
  slowIos: z.number().optional(),
  sitsOut: z.boolean().optional(),
  note: z.string(),
  guid: z.string().optional(),
  path: z.string().optional(),
  get children() {
    return z.array(Vdev)
  },
})

/** The classes under which a pool's top-level vdevs stand (zpoolconcepts(7)). */
export const vdevClasses = ['data', 'special', 'dedup', 'log', 'cache', 'spare'] as const
export type VdevClass = (typeof vdevClasses)[number]

/** A scrub, resilver or rebuild: the running one or the last one. */
export const Scan = z.object({
  kind: z.enum(['scrub', 'resilver', 'rebuild', 'error-scrub']),
  state: z.enum(['in-progress', 'paused', 'finished', 'canceled']),
  /** The top-level vdev, for a rebuild (sequential resilver): there is one per vdev. */
  vdev: z.string().optional(),
  startedAt: Instant.optional(),
  endedAt: Instant.optional(),
  pausedAt: Instant.optional(),
  /** Share done, clamped to 1: OpenZFS prints more than 100 % at times. 1 when finished; absent of a scrub that may have been one of a part. */
  share: Share.optional(),
  /**
   * How much of the pool a finished scrub has read: 2.3 and later scrub parts too, and print them as any other. Absent
   * where nothing tells (text; JSON whose counters leave it open): that is no whole scrub. `extentOf` judges.
   */
  extent: z.enum(['whole', 'part']).optional(),
  /** Approximate from text, which prints humanised sizes; exact from JSON. */
  repaired: Bytes.optional(),
  scanned: Bytes.optional(),
  issued: Bytes.optional(),
  total: Bytes.optional(),
  /** As the program estimates; absent when it does not. */
  timeLeft: Duration.optional(),
  /** Errors that the finished scan found; null when the text does not say. */
  errors: z.number().nonnegative().nullable(),
})
export type Scan = z.infer<typeof Scan>

/** One pool as `zpool status` tells it, from JSON (2.3+) or from text. */
export const PoolStatus = z.object({
  name: z.string().min(1),
  state: PoolState,
  /** Decimal, as a string: guids exceed 2^53. Text output has none. */
  guid: z.string().optional(),
  /** The program's own words behind `status:`, one line; absent when the pool is healthy. */
  statusText: z.string().optional(),
  action: z.string().optional(),
  /** `ZFS-8000-9P`: the message's page in the OpenZFS documentation. */
  messageId: z.string().optional(),
  /** In the order of the text: the last scrub (or the error scrub that is newer), then the resilver or rebuilds. */
  scans: z.array(Scan),
  /** Scans that the text leaves out because a newer one stands in their place; told by JSON only. */
  olderScans: z.array(Scan).optional(),
  vdevs: z.object({
    data: z.array(Vdev),
    special: z.array(Vdev),
    dedup: z.array(Vdev),
    log: z.array(Vdev),
    cache: z.array(Vdev),
    spare: z.array(Vdev),
  }),
  /** The row of the pool itself. */
  root: z.object({
    state: VdevState.or(PoolState),
    readErrors: counter,
    writeErrors: counter,
    checksumErrors: counter,
    note: z.string(),
  }),
  dataErrors: z.object({
    /** null when the `errors:` line is missing (unprivileged, suspended): missing is not "none". */
    count: z.number().nonnegative().nullable(),
    /** Files and objects with permanent errors, as far as they were listed. */
    paths: z.array(z.string()),
    /** The program does not get to the end of its list: a name in it is no text that it can print. */
    isUnlisted: z.boolean().optional(),
    /**
     * What it has listed before and does not any more, without having been read whole since (`rememberDamage`): kept by
     * who looks. `count` is that of the files, or of errors where nobody could name these.
     */
    unread: z.object({ count: z.number().positive(), paths: z.array(z.string()), listedAt: Instant }).optional(),
    /** Why it is not known what it has listed before; `count` is null then, where nothing is listed now. */
    forgotten: z.string().optional(),
  }),
  /** Headers that we do not know, kept word for word: `{ header: 'condense', text: '…' }`. */
  otherSections: z.array(z.object({ header: z.string(), text: z.string() })),
})
export type PoolStatus = z.infer<typeof PoolStatus>

/** All leaves below the given vdevs, in order. */
export function leaves(vdevs: readonly Vdev[]): Vdev[] {
  return vdevs.flatMap((vdev) => (vdev.children.length === 0 ? [vdev] : leaves(vdev.children)))
}
