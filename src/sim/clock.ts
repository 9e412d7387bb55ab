import type { Clock } from '../domain/ports/clock.ts'
import { type Duration, Instant } from '../domain/units.ts'
import { nextOperationAt, settleOperations } from './operations.ts'
import type { World } from './world.ts'

/** The world's time. It stands still until somebody advances it. */
export interface SimClock extends Clock {
  /** Moves on by `elapsed`, and runs what was to happen on the way, in order, each at its own moment. */
  advance(elapsed: Duration): void
  /** When the next thing is due, a timer or an operation; undefined when nothing is. */
  nextAt(): number | undefined
}

/** Timers live in the clock, not in the world: they are not stored. */
export function simClock(world: World): SimClock {
  const timers = new Set<{ due: number; run: () => void }>()
  const nextTimer = () => [...timers].toSorted((a, b) => a.due - b.due)[0]
  return {
    nextAt() {
      const moments = [nextTimer()?.due, nextOperationAt(world)].filter((at) => at !== undefined)
      return moments.length === 0 ? undefined : Math.min(...moments)
    },
    now: () => Instant.parse(Math.floor(world.now)),
    after(delay, run) {
      const timer = { due: world.now + delay, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(elapsed) {
      const until = world.now + elapsed
      for (;;) {
        // A timer may set another one that is due on the way: look again each time.
        const next = nextTimer()
        const operationAt = nextOperationAt(world) ?? Number.POSITIVE_INFINITY
        if (operationAt <= Math.min(until, next?.due ?? until)) {
          world.now = Math.max(world.now, operationAt)
          settleOperations(world)
          continue
        }
        if (next === undefined || next.due > until) break
        timers.delete(next)
        world.now = Math.max(world.now, next.due)
        next.run()
      }
      world.now = until
    },
  }
}
