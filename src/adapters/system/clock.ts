import type { Clock } from '../../domain/ports/clock.ts'
import { Instant } from '../../domain/units.ts'

/** The machine’s clock. */
export const systemClock: Clock = {
  now: () => Instant.parse(Date.now()),
  after(delay, run) {
    const timer = setTimeout(run, delay)
    return () => clearTimeout(timer)
  },
}
