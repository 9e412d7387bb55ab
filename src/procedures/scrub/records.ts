import { z } from 'zod'
import type { PoolStatus, Scan } from '../../domain/pool-status.ts'
import { Instant } from '../../domain/units.ts'

/** A scrub as `zpool status` tells it, as far as it is told apart from others by that; null where it does not tell. */
export const ScrubRecord = z.object({
  kind: z.enum(['scrub', 'error-scrub']),
  state: z.enum(['in-progress', 'paused', 'finished', 'canceled']),
  startedAt: Instant.nullable().default(null),
  endedAt: Instant.nullable().default(null),
  /** How much of the pool it has read. */
  extent: z.enum(['whole', 'part']).nullable().default(null),
  /** Errors that it could not repair. */
  errors: z.number().nullable(),
  /** Bytes. */
  repaired: z.number().nullable().default(null),
})
export type ScrubRecord = z.infer<typeof ScrubRecord>

export const isScrub = ({ kind }: Scan): boolean => kind === 'scrub' || kind === 'error-scrub'

/** The scrub that `zpool status` tells of: the running one or the last one. */
export const scrubIn = ({ scans }: PoolStatus): Scan | undefined => scans.find((scan) => isScrub(scan))

/** The same, to be kept. */
export function recordIn(status: PoolStatus): ScrubRecord | null {
  const scan = scrubIn(status)
  return scan === undefined ? null : ScrubRecord.parse(scan)
}

/**
 * Whether two records are of one scrub: both by the clock of the host, in whole seconds. The text of a canceled one does not
 * say when it began.
 */
export function isSameScrub(one: ScrubRecord, other: ScrubRecord): boolean {
  if (one.kind !== other.kind) return false
  if (one.startedAt === null || other.startedAt === null) return one.endedAt === other.endedAt
  return one.startedAt === other.startedAt
}
