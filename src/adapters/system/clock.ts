import type { Clock } from '../../domain/ports/clock.ts'
import { Instant } from '../../domain/units.ts'

/** What a timer of Node can wait for, some 24 days: it takes any longer delay for 1 ms. */
const longestTimer = 2 ** 31 - 1

/** The machine’s clock. */
export const systemClock: Clock = {
  now: () => Instant.parse(Date.now()),
  after(delay, run) {
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      const part = Math.min(left, longestTimer)
      timer = setTimeout(() => (left > part ? wait(left - part) : run()), part)
    }
    wait(delay)
    return () => clearTimeout(timer)
  },
}
