import { Unreachable } from '../../domain/errors.ts'
import { Duration } from '../../domain/units.ts'

/** What is heard of the other side before its answer is whole. */
export interface Signs {
  /** It can be heard: a login, where there is one, is over. */
  there: () => void
  /** Its answer has begun: however long it takes to come over a long way, this is no silence. */
  answering: () => void
}

/**
 * How long to wait for one of many that answer from memory. Where most of those that are there have answered, one that takes
 * several times as long as half of them did does not answer: a few that hang do not keep a whole fleet waiting, and on a
 * busy machine, where all are slow, nobody is given up too early. A login has its own pace: who is on the way has all the time.
 */
export interface Patience {
  /** Runs a question, which tells what is heard meanwhile. Rejects with Unreachable when it takes too long. */
  ask<T>(run: (signal: AbortSignal, signs: Signs) => Promise<T>): Promise<T>
}

/** Fewer answers say nothing about the others. */
const fewestAnswers = 8
/** Nobody is given up earlier: an agent that is there answers from memory, within some milliseconds of its own. */
const leastMs = 500
/**
 * How many times as long as half of the answers took: one slow answer more does not stretch it. Answers that queue for the
 * processor of the asker take twice as long as half of them, at most.
 */
const timesAsLong = 3

/** For one look at many others. `deadline` is the longest that any of them may take. */
export function createPatience(deadline: Duration): Patience {
  const waiting = new Set<() => void>()
  let arrived = 0
  /** How long each took to begin its answer, in order. */
  const times: number[] = []
  const isEnough = (): boolean => times.length >= Math.max(fewestAnswers, arrived / 2)
  const half = (): number => times[Math.floor((times.length - 1) / 2)] ?? 0
  const note = (took: number): void => {
    const wasEnough = isEnough()
    const place = times.findLastIndex((other) => other <= took)
    times.splice(place + 1, 0, took)
    // From now on, those that wait have less time. What changes later, each finds when its time is up.
    if (wasEnough || !isEnough()) return
    for (const again of waiting) again()
  }
  return {
    async ask(run) {
      const askedAt = performance.now()
      let thereAt: number | undefined
      let isAnswering = false
      const timeUp = new AbortController()
      let timer: NodeJS.Timeout | undefined
      let lastLook: NodeJS.Immediate | undefined
      const { promise: late, reject } = Promise.withResolvers<never>()
      // The timer also keeps this process alive until there is an answer or none: what is waited for may not.
      const arm = (hasLooked = false) => {
        const isShort = thereAt !== undefined && !isAnswering && isEnough()
        const allowed = isShort ? Math.max(leastMs, timesAsLong * half()) + (thereAt ?? askedAt) - askedAt : deadline
        const limit = Math.min(deadline, allowed)
        const left = askedAt + limit - performance.now()
        clearTimeout(timer)
        clearImmediate(lastLook)
        if (left > 0) {
          timer = setTimeout(arm, left)
          return
        }
        // Where this process itself was busy or stopped, the answer may have come, and lies in its socket unread.
        if (!hasLooked) {
          lastLook = setImmediate(() => {
            lastLook = setImmediate(arm, true)
          })
          return
        }
        const others = isShort ? { answers: times.length, half: half() } : undefined
        const error = new Unreachable(lateText(Duration.parse(Math.round(limit)), others))
        timeUp.abort(error)
        reject(error)
      }
      const there = () => {
        if (thereAt !== undefined) return
        thereAt = performance.now()
        arrived += 1
        arm()
      }
      const answering = () => {
        if (thereAt === undefined || isAnswering) return
        isAnswering = true
        note(performance.now() - thereAt)
        arm()
      }
      waiting.add(arm)
      arm()
      try {
        return await Promise.race([run(timeUp.signal, { there, answering }), late])
      } finally {
        clearTimeout(timer)
        clearImmediate(lastLook)
        waiting.delete(arm)
      }
    },
  }
}

function lateText(allowed: Duration, others: { answers: number; half: number } | undefined): string {
  const waited = `nothing came within ${Number((allowed / 1000).toFixed(2))} s`
  if (others === undefined) return waited
  return `${waited}, while ${others.answers} others answered, half of them in ${(others.half / 1000).toFixed(1)} s`
}
