import { OpsError, Stuck } from '../domain/errors.ts'
import { isReadInPart } from '../domain/read-in-part.ts'
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
  /**
   * What is seen by a look that begins after this question: for those who must not go by an old one. Who asks while one is
   * under way shares the next with all who ask meanwhile. Rejects with why there is none; with `Stuck` after the deadline,
   * also where the look before does not end: none is begun beside it.
   */
  now(): Promise<T>
  /** Looks now, and again after each period, until the function that comes back is called. */
  start(): () => void
}

/** One probe for each reading of an observation: a reading without its probe does not compile. */
export type ProbesOf<Readings> = {
  [Key in keyof Readings]: Readings[Key] extends Reading<infer T> ? Probe<T> : Probe<ValueOf<Readings[Key]>> | undefined
}
type ValueOf<Nullable> = NonNullable<Nullable> extends Reading<infer T> ? T : never

/** Nothing was wrong, and there is nothing to tell yet. */
class NothingYet extends OpsError {
  readonly remedy = 'retry'
}

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
  const withinText = `${Math.round(timing.deadline / 1000)} s`
  let running = false
  let lookingSince = clock.now()
  /** The look that began last; it may hang for longer than anybody waits. */
  let current: Promise<T | undefined> | undefined
  /** Asked for, and not begun yet. */
  let next: Promise<T> | undefined

  const stuck = () => {
    const now = clock.now()
    reading.trouble = {
      kind: 'stuck',
      message: `${source} has not ended for ${Math.round(age(lookingSince, now) / 1000)} s`,
      since: lookingSince,
      at: now,
    }
  }

  /** Settles when the look has really ended. `giveUp` is called when it has not ended long after it was called off. */
  const begin = (giveUp: () => void = () => undefined): Promise<T | undefined> => {
    running = true
    lookingSince = clock.now()
    const controller = new AbortController()
    let cancel = clock.after(timing.deadline, () => {
      controller.abort(new Stuck(`${source} did not end within ${withinText}`))
      cancel = clock.after(grace, () => {
        stuck()
        giveUp()
      })
    })
    const mine = (async () => {
      try {
        const value = await look(controller.signal)
        const at = clock.now()
        if (value !== undefined) reading.last = { value, at, took: age(lookingSince, at) }
        reading.trouble = null
        return value
      } catch (error) {
        const at = clock.now()
        reading.trouble = troubleOf(error, at, reading.trouble)
        // Who asks for it now acts on it, and takes what is not there for gone: no part will do.
        if (isReadInPart<T>(error)) reading.last = { value: error.read, at, took: age(lookingSince, at) }
        throw error
      } finally {
        running = false
        cancel()
      }
    })()
    mine.catch(() => undefined)
    current = mine
    return mine
  }

  const once = async (): Promise<void> => {
    if (running) {
      if (age(lookingSince, clock.now()) > timing.deadline) stuck()
      return
    }
    const { promise: givenUp, resolve } = Promise.withResolvers<void>()
    await Promise.race([begin(resolve).catch(() => undefined), givenUp])
  }

  const fresh = async (): Promise<T> => {
    const { promise: tooLate, reject } = Promise.withResolvers<never>()
    const callOff = clock.after(timing.deadline, () => {
      reject(new Stuck(`${source} did not end within ${withinText}`))
    })
    try {
      await Promise.race([current?.catch(() => undefined), tooLate])
      next = undefined
      // One that has begun in the meantime began after the question too.
      const value = await Promise.race([running && current !== undefined ? current : begin(), tooLate])
      if (value === undefined) throw new NothingYet(`${source} has nothing to tell yet`)
      return value
    } finally {
      callOff()
    }
  }

  const lookNow = (): Promise<T> => {
    if (next !== undefined) return next
    const mine = fresh()
    next = mine
    const forget = () => {
      if (next === mine) next = undefined
    }
    mine.then(forget, forget)
    return mine
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

  return { reading, look: once, now: lookNow, start }
}
