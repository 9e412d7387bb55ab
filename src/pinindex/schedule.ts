import { OpsError } from '../domain/errors.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { type Duration, type Instant, milliseconds, minutes, type Share } from '../domain/units.ts'
import type { Refresher } from './refresher.ts'

/** The lists could not be read to their end; what is there is of an earlier time. */
export class LastReadingFailed extends OpsError {
  readonly remedy = 'retry'
}

/** Makes an index anew again and again, resting in between, so that its peer spends a bounded share of its time on us. */
export interface Schedule extends Refresher {
  /** Until the function that comes back is called. */
  start(): () => void
}

/** Not more often than this, however quickly it goes. */
const leastPeriod = minutes(1)
/** After a failure: a peer that was away is asked again soon. */
const afterFailure = minutes(1)

/** A reading at leisure was given up, since somebody waits for one without rests. */
class Superseded extends Error {
  override readonly name = 'Superseded'
}

/**
 * `make` reads the lists; `isHurried`: without rest, since a person waits; `signal`: it is given up for one that is. `share`:
 * the part of the peer's time that reading may take on average: a reading that took 70 s is followed by 22 minutes of rest at 5 %.
 */
export function createSchedule(options: {
  make: (how: { isHurried: boolean; signal: AbortSignal }) => Promise<{ took: Duration }>
  share: Share
  clock: Clock
}): Schedule {
  const { make, share, clock } = options
  let running: Promise<void> | undefined
  let failure: { error: unknown; since: Instant } | undefined
  let took = milliseconds(0)
  let cancel: (() => void) | undefined
  let isStopped = true
  /** Gives up what is being read at leisure. */
  let leisure: AbortController | undefined

  const refresh = async (isHurried: boolean): Promise<void> => {
    cancel?.()
    const giveUp = new AbortController()
    if (!isHurried) leisure = giveUp
    try {
      ;({ took } = await make({ isHurried, signal: giveUp.signal }))
      failure = undefined
    } catch (error) {
      if (!giveUp.signal.aborted) failure = { error, since: failure?.since ?? clock.now() }
      throw error
    } finally {
      leisure = undefined
      const rest = failure === undefined ? Math.max(leastPeriod, took * (1 / share - 1)) : afterFailure
      if (!isStopped) cancel = clock.after(milliseconds(rest), () => void once(false).catch(() => undefined))
    }
  }
  const once = (isHurried: boolean): Promise<void> => {
    running ??= refresh(isHurried).finally(() => {
      running = undefined
    })
    return running
  }

  return {
    start() {
      isStopped = false
      void once(false).catch(() => undefined)
      return () => {
        isStopped = true
        cancel?.()
      }
    },
    refresh: async (signal) => {
      signal?.throwIfAborted()
      // What is being read already may have passed what the caller means. At leisure, it is not worth waiting for; another
      // hurried one ends first.
      leisure?.abort(new Superseded('somebody waits for the lists: they are read anew, without rests'))
      await running?.catch(() => undefined)
      await once(true)
    },
    throwIfFailed() {
      if (failure === undefined) return
      throw new LastReadingFailed('the lists could not be read to their end', {
        cause: failure.error,
      })
    },
  }
}
