import type { LogAlive, LogItem } from '../../domain/logs/log.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import type { Duration } from '../../domain/units.ts'

/**
 * The same items, with a sign of life first and whenever nothing has come for `every`. `stop` is called when whoever reads
 * has had enough: it must make the items end.
 */
export async function* withHeartbeat(
  items: AsyncIterable<LogItem>,
  { clock, every, alive, stop }: { clock: Clock; every: Duration; alive: () => LogAlive; stop: () => void },
): AsyncGenerator<LogItem, void, undefined> {
  const iterator = items[Symbol.asyncIterator]()
  try {
    yield alive()
    for (;;) {
      const next = settling(iterator.next())
      while (next.outcome === undefined) {
        await new Promise<void>((resolve) => {
          const callOff = clock.after(every, resolve)
          next.whenSettled(() => {
            callOff()
            resolve()
          })
        })
        if (next.outcome === undefined) yield alive()
      }
      const { outcome } = next
      if ('error' in outcome) throw outcome.error
      if (outcome.result.done === true) return
      yield outcome.result.value
    }
  } finally {
    stop()
    void iterator.return?.().catch(() => undefined)
  }
}

type Outcome<T> = { result: T } | { error: unknown }

/** A promise that can be looked at, and waited for again and again without leaving anything behind on it. */
function settling<T>(promise: Promise<T>): { outcome: Outcome<T> | undefined; whenSettled(run: () => void): void } {
  let run: (() => void) | undefined
  const state = {
    outcome: undefined as Outcome<T> | undefined, // "as": the type of what comes later
    whenSettled(next: () => void) {
      if (state.outcome === undefined) run = next
      else next()
    },
  }
  const settle = (outcome: Outcome<T>) => {
    state.outcome = outcome
    run?.()
  }
  void (async () => {
    try {
      settle({ result: await promise })
    } catch (error) {
      settle({ error })
    }
  })()
  return state
}
