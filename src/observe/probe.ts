import { Stuck } from '../domain/errors.ts'
import type { Reading } from '../domain/observation.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Timing } from '../domain/probe.ts'
import { age, seconds } from '../domain/units.ts'
import { troubleOf } from './trouble.ts'

/** One thing that is looked at again and again. It holds the last good look and what is wrong with looking. */
export interface Probe<T> {
  readonly reading: Reading<T>
  /**
   * Looks once. Resolves when the look has ended, or when it is given up as stuck; never rejects. While a look is stuck,
   * no second one is started.
   */
  look(): Promise<void>
  /** Looks now, and again after each period, until the function that comes back is called. */
  start(): () => void
}

/** One probe for each reading of an observation: a reading without its probe does not compile. */
export type ProbesOf<Readings> = {
  [Key in keyof Readings]: Readings[Key] extends Reading<infer T> ? Probe<T> : Probe<ValueOf<Readings[Key]>> | undefined
}
type ValueOf<Nullable> = NonNullable<Nullable> extends Reading<infer T> ? T : never

/** How long a look may take to end after it has been called off, before it counts as stuck. */
const grace = seconds(4)

export function createProbe<T>(options: {
  source: string
  timing: Timing
  clock: Clock
  /** Undefined: nothing was wrong, and there is nothing to tell yet. */
  look: (signal: AbortSignal) => Promise<T | undefined>
}): Probe<T> {
  const { source, timing, clock, look } = options
  const reading: Reading<T> = { source, every: timing.every, deadline: timing.deadline, last: null, trouble: null }
  let running = false
  let lookingSince = clock.now()

  const stuck = () => {
    const now = clock.now()
    reading.trouble = {
      kind: 'stuck',
      message: `${source} has not ended for ${Math.round(age(lookingSince, now) / 1000)} s`,
      since: lookingSince,
      at: now,
    }
  }

  const once = async (): Promise<void> => {
    if (running) {
      if (age(lookingSince, clock.now()) > timing.deadline) stuck()
      return
    }
    running = true
    lookingSince = clock.now()
    const controller = new AbortController()
    let giveUp: (() => void) | undefined
    let cancel = clock.after(timing.deadline, () => {
      controller.abort(new Stuck(`${source} did not end within ${Math.round(timing.deadline / 1000)} s`))
      cancel = clock.after(grace, () => giveUp?.())
    })
    const settled = (async () => {
      try {
        const value = await look(controller.signal)
        const at = clock.now()
        if (value !== undefined) reading.last = { value, at, took: age(lookingSince, at) }
        reading.trouble = null
      } catch (error) {
        reading.trouble = troubleOf(error, clock.now(), reading.trouble)
      }
      running = false
      cancel()
    })()
    await Promise.race([
      settled,
      new Promise<void>((resolve) => {
        giveUp = () => {
          stuck()
          resolve()
        }
      }),
    ])
  }

  const start = (): (() => void) => {
    let stopped = false
    let cancel: (() => void) | undefined
    const tick = () => {
      if (stopped) return
      cancel = clock.after(timing.every, tick)
      void once()
    }
    tick()
    return () => {
      stopped = true
      cancel?.()
    }
  }

  return { reading, look: once, start }
}
