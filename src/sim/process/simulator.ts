import { type Duration, milliseconds } from '../../domain/units.ts'
import { type SimClock, simClock } from '../clock.ts'
import type { World } from '../world.ts'

/** A world that goes with real time, and that is stored before anybody hears of a change to it. */
export interface Simulator {
  /** Looks at the world as it is now. */
  look<T>(ask: (world: World) => T): T
  /** Changes the world. When it returns, its effects are stored. */
  change<T>(act: (world: World) => T): T
  /** Moves the world's time on, beside what real time does. */
  advance(by: Duration): void
}

export function createSimulator(options: {
  world: World
  /** Stores the world. It does not come back when it cannot: the memory would be ahead of the file for ever. */
  save: (world: World) => void
  /** Real milliseconds, never going back; undefined for a world that moves only by `advance`. */
  realTime: (() => number) | undefined
}): Simulator {
  const { world, save, realTime } = options
  const clock: SimClock = simClock(world)
  let ticked = realTime?.() ?? 0
  const tick = (): void => {
    if (realTime === undefined) return
    const now = realTime()
    const before = world.effects.length
    clock.advance(milliseconds(Math.max(0, Math.floor(now - ticked))))
    // Only whole milliseconds have been given to the world: the rest stays for the next time.
    ticked += Math.max(0, Math.floor(now - ticked))
    // What an operation has done meanwhile is stored before anybody hears of it.
    if (world.effects.length > before) save(world)
  }
  return {
    look(ask) {
      tick()
      return ask(world)
    },
    change(act) {
      tick()
      const before = world.effects.length
      const result = act(world)
      if (world.effects.length > before) save(world)
      return result
    },
    advance(by) {
      tick()
      clock.advance(by)
      save(world)
    },
  }
}
