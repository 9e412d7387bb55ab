import { z } from 'zod'
import { PinStatus } from '../pinning.ts'
import { Instant } from '../units.ts'
import { CopyLevel } from './copy.ts'
import { PinGroup } from './pin-group.ts'

/** One pin in a leaf of the digest tree: enough to see whether two peers agree on it. */
export const PinRecord = z.object({
  cid: z.string(),
  /** 16 hex digits over cid, options and allocations: {@link canonicalPin}. */
  digest: z.string(),
})
export type PinRecord = z.infer<typeof PinRecord>

/** One pin as the index of one store has it. */
export const IndexedPin = z.object({
  ...PinRecord.shape,
  holders: PinGroup.shape.holders,
  replicationMin: z.int(),
  replicationMax: z.int(),
  /** As the tracker of this peer told; `remote` where others hold it. */
  status: PinStatus,
  /** What is known of the copy of this store; null where it is not to have one. */
  level: CopyLevel.nullable(),
  /** When the copy was last walked; null: never, or not since an unclean stop of the host. */
  walkedAt: Instant.nullable(),
  /** When the lists were read. */
  readAt: Instant,
})
export type IndexedPin = z.infer<typeof IndexedPin>
