import type { Clock } from '../../domain/ports/clock.ts'
import { Instant } from '../../domain/units.ts'

/** Node waits 24.8 days at most, and not at all where it is told to wait longer. */
const longestTimer = 2 ** 31 - 1

/** The machine’s clock. */
export const systemClock: Clock = {
  now: () => Instant.parse(Date.now()),
  after(delay, run) {
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      const turn = Math.min(left, longestTimer)
      timer = setTimeout(() => (left > turn ? wait(left - turn) : run()), turn)
    }
    wait(delay)
    return () => clearTimeout(timer)
  },
}
