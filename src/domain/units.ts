import { z } from 'zod'

/** A byte count. Branded, so that GiB, blocks and bytes cannot be mixed up. */
export const Bytes = z.int().nonnegative().brand<'Bytes'>()
export type Bytes = z.infer<typeof Bytes>

/** A part of a whole: 0 to 1. Percent exists only on screens. */
export const Share = z.number().min(0).max(1).brand<'Share'>()
export type Share = z.infer<typeof Share>

/** Milliseconds. Written `minutes(15)`, never `900_000`. */
export const Duration = z.number().nonnegative().brand<'Duration'>()
export type Duration = z.infer<typeof Duration>
export const milliseconds = (count: number): Duration => (isDuration(count) ? count : Duration.parse(count))
/** As the schema has it, which is too slow for some thousand ages in each look at many hosts; it says what is wrong. */
const isDuration = (count: number): count is Duration => count >= 0 && count < Number.POSITIVE_INFINITY
export const seconds = (count: number): Duration => milliseconds(count * 1000)
export const minutes = (count: number): Duration => seconds(count * 60)
export const hours = (count: number): Duration => minutes(count * 60)
export const days = (count: number): Duration => hours(count * 24)

/** A moment: milliseconds since 1970-01-01T00:00:00Z. Screens and `--json` show it as ISO 8601 in UTC. */
export const Instant = z.int().brand<'Instant'>()
export type Instant = z.infer<typeof Instant>

/** How long ago `then` was, never negative: a clock that was set back makes things new, not from the future. */
export const age = (then: Instant, now: Instant): Duration => milliseconds(Math.max(0, now - then))

/** `part / whole` as a share, clamped to 0..1; 0 when the whole is empty. */
export function shareOf(part: number, whole: number): Share {
  return Share.parse(whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0)
}
