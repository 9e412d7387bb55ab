import { z } from 'zod'
import type { PoolStatus, Scan, Vdev } from '../../domain/pool-status.ts'
import { leaves, vdevClasses } from '../../domain/pool-status.ts'
import { Instant } from '../../domain/units.ts'
import { PoolNotThere } from '../errors.ts'
import type { World } from '../world.ts'

/** A scrub as `zpool status` tells it, as far as it is told apart from others by that. */
export const ScrubRecord = z.object({
  kind: z.enum(['scrub', 'error-scrub']),
  state: z.enum(['in-progress', 'paused', 'finished', 'canceled']),
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** How much of the pool it has read; null where that is not told. */
  extent: z.enum(['whole', 'part']).nullable(),
  /** Errors that it could not repair; null where that is not told. */
  errors: z.number().nullable(),
  /** Bytes. */
  repaired: z.number().nullable(),
})
export type ScrubRecord = z.infer<typeof ScrubRecord>

/** Errors of one disk since the last `zpool clear`. */
export const DiskErrors = z.object({ disk: z.string(), read: z.number(), write: z.number(), checksum: z.number() })
export type DiskErrors = z.infer<typeof DiskErrors>

export const isScrub = ({ kind }: Scan): boolean => kind === 'scrub' || kind === 'error-scrub'
export const isResilver = ({ kind }: Scan): boolean => kind === 'resilver' || kind === 'rebuild'

/** The scrub that `zpool status` tells of: the running one or the last one. */
export const scrubIn = ({ scans }: PoolStatus): Scan | undefined => scans.find((scan) => isScrub(scan))

export function recordOf({ kind, state, startedAt, endedAt, extent, errors, repaired }: Scan): ScrubRecord {
  return {
    kind: kind === 'error-scrub' ? 'error-scrub' : 'scrub',
    state,
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
    extent: extent ?? null,
    errors,
    repaired: repaired ?? null,
  }
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

/** Disks with errors. */
export function errorsOfDisks(status: PoolStatus): DiskErrors[] {
  return leaves(vdevClasses.flatMap((name): Vdev[] => status.vdevs[name])).flatMap((leaf) => {
    const errors = {
      disk: leaf.name,
      read: leaf.readErrors ?? 0,
      write: leaf.writeErrors ?? 0,
      checksum: leaf.checksumErrors ?? 0,
    }
    return errors.read + errors.write + errors.checksum > 0 ? [errors] : []
  })
}

/** The status of one pool as it is now. */
export async function statusOf(
  world: World,
  { host, pool }: { host: string; pool: string },
  signal: AbortSignal,
): Promise<PoolStatus> {
  const all = await world.host(host).look('pool-status', {}, signal)
  const found = all.find(({ name }) => name === pool)
  if (found === undefined) throw new PoolNotThere(`the pool ${pool} is not imported on ${host}`)
  return found
}
