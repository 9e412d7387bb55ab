import { z } from 'zod'
import { Bytes, type Duration, type Share, shareOf } from './units.ts'

const counter = z.int().nonnegative()

/** `/proc/spl/kstat/zfs/arcstats`: counters since the module was loaded, and present sizes. */
export const ArcSample = z.object({
  hits: counter,
  misses: counter,
  /** Hits on a read already under way (2.2+); 0 on 2.1, which does not count them apart. */
  iohits: counter,
  size: Bytes,
  target: Bytes,
  minimum: Bytes,
  maximum: Bytes,
})
export type ArcSample = z.infer<typeof ArcSample>

/** What happened between two samples; undefined when the counters went back (the module was loaded anew). */
export function arcActivity(
  before: ArcSample,
  after: ArcSample,
  apart: Duration,
): { accesses: number; perSecond: number; hitShare: Share } | undefined {
  const hits = after.hits - before.hits
  const iohits = after.iohits - before.iohits
  const misses = after.misses - before.misses
  if (hits < 0 || iohits < 0 || misses < 0 || apart <= 0) return undefined
  const accesses = hits + iohits + misses
  return { accesses, perSecond: (accesses * 1000) / apart, hitShare: shareOf(hits + iohits, accesses) }
}
