import { Unreachable } from '../../domain/errors.ts'
import { Duration } from '../../domain/units.ts'

/**
 * How long to wait for one of many that answer from memory. Where most of those that are there have answered, one that takes
 * several times as long as the slowest of them does not answer: a few that hang do not keep a whole fleet waiting, and on a
 * busy machine, where all are slow, nobody is given up too early. A login has its own pace: who is on the way has all the time.
 */
export interface Patience {
  /**
   * Runs a question, which calls `there` once the other side can be heard: from then on, only its answer is waited for.
   * Rejects with Unreachable when it takes too long.
   */
  ask<T>(run: (signal: AbortSignal, there: () => void) => Promise<T>): Promise<T>
}

/** Fewer answers say nothing about the others. */
const fewestAnswers = 8
/** Nobody is given up earlier. */
const leastMs = 1000
/** How many times as long as the slowest answer. */
const timesAsLong = 4

/** For one look at many others. `deadline` is the longest that any of them may take. */
export function createPatience(deadline: Duration): Patience {
  const waiting = new Set<() => void>()
  let arrived = 0
  let answers = 0
  let slowest = 0
  const isEnough = (): boolean => answers >= Math.max(fewestAnswers, arrived / 2)
  return {
    async ask(run) {
      const askedAt = performance.now()
      let thereAt: number | undefined
      const timeUp = new AbortController()
      let timer: NodeJS.Timeout | undefined
      const { promise: late, reject } = Promise.withResolvers<never>()
      // The timer also keeps this process alive until there is an answer or none: what is waited for may not.
      const arm = () => {
        const now = performance.now()
        const allowed =
          thereAt === undefined || !isEnough()
            ? undefined
            : Math.max(leastMs, timesAsLong * slowest) + thereAt - askedAt
        const limit = Math.min(deadline, allowed ?? deadline)
        clearTimeout(timer)
        timer = setTimeout(
          () => {
            const others = allowed === undefined ? undefined : { answers, slowest }
            const error = new Unreachable(lateText(Duration.parse(Math.round(limit)), others))
            timeUp.abort(error)
            reject(error)
          },
          Math.max(0, askedAt + limit - now),
        )
      }
      const there = () => {
        if (thereAt !== undefined) return
        thereAt = performance.now()
        arrived += 1
        arm()
      }
      waiting.add(arm)
      arm()
      try {
        const answer = await Promise.race([run(timeUp.signal, there), late])
        if (thereAt !== undefined) {
          answers += 1
          slowest = Math.max(slowest, performance.now() - thereAt)
        }
        return answer
      } finally {
        clearTimeout(timer)
        waiting.delete(arm)
        if (isEnough()) for (const again of waiting) again()
      }
    },
  }
}

function lateText(allowed: Duration, others: { answers: number; slowest: number } | undefined): string {
  const waited = `nothing came within ${(allowed / 1000).toFixed(1).replace(/\.0$/, '')} s`
  if (others === undefined) return waited
  return `${waited}, and ${others.answers} others took ${(others.slowest / 1000).toFixed(1)} s at most`
}
