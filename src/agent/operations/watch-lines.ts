import type { WatchLine } from '../../api/operations.ts'
import { isFinal } from '../../domain/operation.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import type { Duration } from '../../domain/units.ts'
import type { Watched } from './operations.ts'

/** Lines of one who watches; `stop` ends them from outside. */
export interface WatchLines {
  next(): Promise<{ done?: false; value: WatchLine } | { done: true; value?: undefined }>
  stop(): void
}

/**
 * The states of an operation for one who watches: whoever reads slowly misses some in between, never the last. While
 * nothing changes, a sign of life comes `every` so often.
 */
export function watchLines(
  watched: Watched,
  { clock, every }: { clock: Pick<Clock, 'after'>; every: Duration },
): WatchLines {
  let isNew = true
  let isOver = false
  let wake: (() => void) | undefined
  const forget = watched.onChange(() => {
    isNew = true
    wake?.()
  })
  const stop = () => {
    isOver = true
    forget()
    wake?.()
  }
  return {
    stop,
    async next() {
      if (!isNew && !isOver) {
        await new Promise<void>((resolve) => {
          const callOff = clock.after(every, resolve)
          wake = () => {
            callOff()
            resolve()
          }
        })
        wake = undefined
      }
      if (isOver) return { done: true }
      if (!isNew) return { value: { kind: 'alive' } }
      isNew = false
      const { state } = watched
      if (isFinal(state)) stop()
      return { value: { kind: 'state', state } }
    },
  }
}
