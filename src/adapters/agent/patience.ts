import { eventLoopUtilization } from 'node:perf_hooks'
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
 * busy machine, where all are slow, nobody is given up too early. Only what this process waited for counts, not what it did
 * itself meanwhile: reading the answers of many is no slowness of theirs. A login has its own pace: who is on the way has all
 * the time.
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
 * Nor before this process has waited so long for it with nothing else to do: whoever reads many answers for a second has not
 * waited for anybody in that second.
 */
const leastWaitMs = 100
/** How many times as long as half of the answers took: one slow answer more does not stretch it. */
const timesAsLong = 3

/** How long this process has waited for others, in ms: the rest it was busy itself, which says nothing about them. */
const waitedHere = (): number => eventLoopUtilization().idle

/** For one look at many others. `deadline` is the longest that any of them may take; `waited` is told by tests. */
export function createPatience(deadline: Duration, waited: () => number = waitedHere): Patience {
  const waiting = new Set<() => void>()
  let arrived = 0
  /** How long each took to begin its answer, in order. */
  const times: number[] = []
  /** How much of that this process had nothing else to do, in order. */
  const waits: number[] = []
  const isEnough = (): boolean => times.length >= Math.max(fewestAnswers, arrived / 2)
  const note = (took: number, wait: number): void => {
    const wasEnough = isEnough()
    insert(times, took)
    insert(waits, wait)
    // From now on, those that wait have less time. What changes later, each finds when its time is up.
    if (wasEnough || !isEnough()) return
    for (const again of waiting) again()
  }
  return {
    async ask(run) {
      const askedAt = performance.now()
      let there: { at: number; waited: number } | undefined
      let isAnswering = false
      const timeUp = new AbortController()
      let timer: NodeJS.Timeout | undefined
      let lastLook: NodeJS.Immediate | undefined
      const { promise: late, reject } = Promise.withResolvers<never>()
      // The timer also keeps this process alive until there is an answer or none: what is waited for may not.
      const arm = (hasLooked = false) => {
        const now = performance.now()
        const short = there !== undefined && !isAnswering && isEnough() ? there : undefined
        const left = Math.min(
          askedAt + deadline - now,
          short === undefined
            ? Number.POSITIVE_INFINITY
            : Math.max(
                short.at + leastMs - now,
                short.waited + Math.max(leastWaitMs, timesAsLong * half(waits)) - waited(),
              ),
        )
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
        const others = short === undefined ? undefined : { answers: times.length, half: half(times) }
        const error = new Unreachable(lateText(Duration.parse(Math.round(now - askedAt)), others))
        timeUp.abort(error)
        reject(error)
      }
      const signs: Signs = {
        there() {
          if (there !== undefined) return
          there = { at: performance.now(), waited: waited() }
          arrived += 1
          arm()
        },
        answering() {
          if (there === undefined || isAnswering) return
          isAnswering = true
          note(performance.now() - there.at, waited() - there.waited)
          arm()
        },
      }
      waiting.add(arm)
      arm()
      try {
        return await Promise.race([run(timeUp.signal, signs), late])
      } finally {
        clearTimeout(timer)
        clearImmediate(lastLook)
        waiting.delete(arm)
      }
    },
  }
}

function insert(ordered: number[], value: number): void {
  ordered.splice(ordered.findLastIndex((other) => other <= value) + 1, 0, value)
}

/** What half of them are at most. */
const half = (ordered: readonly number[]): number => ordered[Math.floor((ordered.length - 1) / 2)] ?? 0

function lateText(allowed: Duration, others: { answers: number; half: number } | undefined): string {
  const waited = `nothing came within ${Number((allowed / 1000).toFixed(2))} s`
  if (others === undefined) return waited
  return `${waited}, while ${others.answers} others answered, half of them in ${(others.half / 1000).toFixed(1)} s`
}
