import { type Reading, readingAge } from '../observation.ts'
import { type Duration, type Instant, milliseconds } from '../units.ts'

/** How old the last good look may be: three periods, or one period and two looks that use up their deadline. */
export function staleAfter({ every, deadline }: Pick<Reading<unknown>, 'every' | 'deadline'>): Duration {
  return milliseconds(Math.max(3 * every, every + 2 * deadline))
}

/** Whether a reading holds a value that is too old to stand for the present. */
export function isStale(reading: Reading<unknown>, now: Instant): boolean {
  const age = readingAge(reading, now)
  return age !== undefined && age > staleAfter(reading)
}
