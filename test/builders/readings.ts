import type { Reading, Trouble } from '../../src/domain/observation.ts'
import { type Duration, Instant, milliseconds, minutes, seconds } from '../../src/domain/units.ts'

/** When everything is judged. */
export const now = Instant.parse(1_795_420_800_000)

/** A moment before another. */
export const before = (then: Instant, by: Duration): Instant => Instant.parse(then - by)

/** A good look, a second ago. */
export function reading<T>(source: string, value: T, at: Instant = now, every = seconds(30)): Reading<T> {
  return {
    source,
    every,
    deadline: seconds(20),
    last: { value, at: before(at, seconds(1)), took: milliseconds(20) },
    trouble: null,
  }
}

export function trouble(kind: Trouble['kind'], words: Partial<Omit<Trouble, 'kind'>> = {}): Trouble {
  return { kind, message: `it was ${kind}`, since: before(now, minutes(12)), at: now, ...words }
}
