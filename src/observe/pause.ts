import type { Clock } from '../domain/ports/clock.ts'
import type { Duration } from '../domain/units.ts'

/** Waits, by this clock, or until it is called off: whoever waits looks which of the two it was. */
export function pause(clock: Pick<Clock, 'after'>, time: Duration, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      callOff()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const callOff = clock.after(time, end)
    if (signal?.aborted === true) end()
    signal?.addEventListener('abort', end, { once: true })
  })
}
