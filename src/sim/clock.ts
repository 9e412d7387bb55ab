import type { Clock } from '../domain/ports/clock.ts'
import type { Duration } from '../domain/units.ts'
import { worldNow } from './lookup.ts'
import { settleHanging } from './sim-programs.ts'
import type { World } from './world.ts'

/** The world's time. It stands still until somebody advances it. */
export interface SimClock extends Clock {
  /** Moves on by `elapsed`, and runs what was to happen on the way, in order, each at its own moment. */
  advance(elapsed: Duration): void
  /** When the next thing is due; undefined when nothing is. */
  nextAt(): number | undefined
}

/** Timers live in the clock, not in the world: they are not stored. */
export function simClock(world: World): SimClock {
  const timers = new Set<{ due: number; run: () => void }>()
  /** Of several that are due at once, the one that was set first. Thousands of them are not sorted each time. */
  const nextTimer = () => {
    let first: { due: number; run: () => void } | undefined
    for (const timer of timers) if (first === undefined || timer.due < first.due) first = timer
    return first
  }
  return {
    nextAt: () => nextTimer()?.due,
    now: () => worldNow(world),
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
        if (next === undefined || next.due > until) break
        timers.delete(next)
        world.now = Math.max(world.now, next.due)
        settleHanging(world)
        next.run()
      }
      world.now = until
      settleHanging(world)
    },
  }
}
