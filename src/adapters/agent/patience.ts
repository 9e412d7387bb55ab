import { Unreachable } from '../../domain/errors.ts'
import { Duration } from '../../domain/units.ts'

/**
 * How long to wait for one of many that answer from memory. Where most have answered, one that takes several times as long
 * as the slowest of them does not answer: a few that hang do not keep a whole fleet waiting, and on a busy machine, where all
 * are slow, nobody is given up too early.
 */
export interface Patience {
  /** Runs a question; rejects with Unreachable when it takes too long. */
  ask<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T>
}

/** Fewer answers say nothing about the others. */
const fewestAnswers = 8
/** Nobody is given up earlier. */
const leastMs = 1000
/** How many times as long as the slowest answer. */
const timesAsLong = 4

/** For one look at `count` others. `deadline` is the longest that any of them may take. */
export function createPatience(count: number, deadline: Duration): Patience {
  const enough = Math.max(fewestAnswers, Math.ceil(count / 2))
  const waiting = new Set<() => void>()
  let answers = 0
  let slowest = 0
  const limit = (): number =>
    answers < enough ? deadline : Math.min(deadline, Math.max(leastMs, timesAsLong * slowest))
  return {
    async ask(run) {
      const askedAt = performance.now()
      const timeUp = new AbortController()
      let timer: NodeJS.Timeout | undefined
      const { promise: late, reject } = Promise.withResolvers<never>()
      // The timer also keeps this process alive until there is an answer or none: what is waited for may not.
      const arm = () => {
        const allowed = limit()
        clearTimeout(timer)
        timer = setTimeout(
          () => {
            const error = new Unreachable(lateText(Duration.parse(Math.round(allowed)), { answers, slowest, enough }))
            timeUp.abort(error)
            reject(error)
          },
          Math.max(0, askedAt + allowed - performance.now()),
        )
      }
      waiting.add(arm)
      arm()
      try {
        const answer = await Promise.race([run(timeUp.signal), late])
        answers += 1
        slowest = Math.max(slowest, performance.now() - askedAt)
        return answer
      } finally {
        clearTimeout(timer)
        waiting.delete(arm)
        if (answers >= enough) for (const again of waiting) again()
      }
    },
  }
}

function lateText(allowed: Duration, seen: { answers: number; slowest: number; enough: number }): string {
  const waited = `nothing came within ${(allowed / 1000).toFixed(1).replace(/\.0$/, '')} s`
  if (seen.answers < seen.enough) return waited
  return `${waited}, and ${seen.answers} others took ${(seen.slowest / 1000).toFixed(1)} s at most`
}
