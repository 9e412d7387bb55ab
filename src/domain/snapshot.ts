import { z } from 'zod'
import { Bytes, Instant } from './units.ts'

/** `pool/path@name` (zfsconcepts(7)); blanks are allowed. */
export const SnapshotName = z
  .string()
  .max(255)
  .regex(
    /^[A-Za-z][A-Za-z0-9_.: -]*(\/[A-Za-z0-9_.: -]+)*@[A-Za-z0-9_.: -]+$/,
    'a snapshot is named pool/path@name, without a leading slash',
  )

/** User properties of ours that snapshots carry. */
export const ownProperties = ['tiercel:operation'] as const

/** One snapshot, as `zfs list -t snapshot` tells it. */
export const Snapshot = z.object({
  name: z.string().min(1),
  /** Decimal, as a string: guids exceed 2^53. Stays the same when the snapshot is renamed. */
  guid: z.string().regex(/^\d+$/),
  /** The transaction group that made it: rises within a pool, also where clocks were set back. */
  createtxg: z.int().nonnegative(),
  creation: Instant,
  /** What would come free if it alone went. */
  used: Bytes,
  referenced: Bytes,
  /** How many tags hold it (`zfs hold`). */
  userrefs: z.int().nonnegative(),
  /** It goes by itself when its last hold and its last clone have gone (`zfs destroy -d`). */
  isDeferred: z.boolean(),
  /** Properties of ours (`tiercel:…`), by name; also those that it has from its dataset. None that is not set. */
  properties: z.record(z.string(), z.string()),
})
export type Snapshot = z.infer<typeof Snapshot>

/** One tag that keeps a snapshot, as `zfs holds` tells it. */
export const Hold = z.object({
  snapshot: z.string().min(1),
  tag: z.string().min(1),
  /** In whole minutes on OpenZFS before 2.2. */
  at: Instant,
})
export type Hold = z.infer<typeof Hold>
