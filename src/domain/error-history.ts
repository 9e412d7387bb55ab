import { z } from 'zod'
import { age, type Duration, hours, Instant } from './units.ts'

/** The error counts of the disks of a host over the last hours. Disks without errors are not named. */
export const ErrorHistory = z.object({
  /** Oldest first: one an hour for a day, and the newest. The first is older where nothing has changed since. */
  samples: z.array(
    z.object({
      at: Instant,
      /** `POOL/DISK` → read + write + checksum errors, and slow I/Os where they are told. */
      counts: z.record(z.string(), z.object({ errors: z.number().nonnegative(), slowIos: z.number().nonnegative() })),
    }),
  ),
})
export type ErrorHistory = z.infer<typeof ErrorHistory>

/** How the errors of one disk have come. */
export interface Trend {
  /** How long its counts have been watched. */
  watched: Duration
  /** In how many parts of the last day, of about an hour each, they have grown. */
  steps: number
  /** By how much, in that day. */
  grown: number
  /** When a growth was last seen. */
  lastGrowth: Instant | undefined
}

/** What the history tells of a disk; a count that went down was cleared, and what stands there has come since. */
export function trendOf(
  { samples }: ErrorHistory,
  disk: string,
  now: Instant,
  kind: 'errors' | 'slowIos' = 'errors',
): Trend {
  const first = samples[0]
  const trend: Trend = {
    watched: first === undefined ? age(now, now) : age(first.at, now),
    steps: 0,
    grown: 0,
    lastGrowth: undefined,
  }
  for (const [index, { at, counts }] of samples.entries()) {
    const earlier = samples[index - 1]
    if (earlier === undefined || age(at, now) > day) continue
    const [before, after] = [countIn(earlier.counts, disk, kind), countIn(counts, disk, kind)]
    const growth = after < before ? after : after - before
    if (growth === 0) continue
    trend.steps += 1
    trend.grown += growth
    trend.lastGrowth = at
  }
  return trend
}

const day = hours(24)

type Counts = ErrorHistory['samples'][number]['counts']
const countIn = (counts: Counts, disk: string, kind: 'errors' | 'slowIos'): number =>
  (Object.hasOwn(counts, disk) ? counts[disk]?.[kind] : undefined) ?? 0
