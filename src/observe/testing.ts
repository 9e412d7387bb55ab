import type { Clock } from '../domain/ports/clock.ts'
import { Instant } from '../domain/units.ts'

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Moves on, runs what becomes due in order, and lets promises settle in between. */
  advance(by: number): Promise<void>
}

export function manualClock(startAt = 1_800_000_000_000): ManualClock {
  let now = startAt
  let timers: { at: number; run: () => void }[] = []
  return {
    now: () => Instant.parse(now),
    after(delay, run) {
      const timer = { at: now + delay, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    async advance(by) {
      const until = now + by
      await settle()
      for (;;) {
        const next = timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        timers = timers.filter((other) => other !== next)
        now = next.at
        next.run()
        await settle()
      }
      now = until
      await settle()
    },
  }
}

const settle = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })
