import type { Clock } from '../domain/ports/clock.ts'
import type { Duration } from '../domain/units.ts'

/** Waits by a clock. Rejects with the signal's reason when it is aborted first. */
export function wait(clock: Clock, duration: Duration, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(reasonOf(signal))
      return
    }
    const onAbort = () => {
      callOff()
      reject(reasonOf(signal))
    }
    const callOff = clock.after(duration, () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** What work rejects with when its signal is aborted, also where the work itself does not listen. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(reasonOf(signal))
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason))

/** Wakes one who waits for something that may have changed. A ring that nobody has waited for is heard by the next who does. */
export class Bell {
  #wake: (() => void) | undefined
  #hasRung = false

  ring(): void {
    this.#hasRung = true
    this.#wake?.()
  }

  /** Until it rings, or for as long, whichever is sooner; answers whether it rang. */
  async heard(clock: Clock, atMost: Duration, signal: AbortSignal): Promise<boolean> {
    const rung = new AbortController()
    this.#wake = () => rung.abort()
    if (this.#hasRung) rung.abort()
    try {
      await wait(clock, atMost, AbortSignal.any([signal, rung.signal]))
      // It may have rung in the moment in which the time was over.
      return this.#hasRung
    } catch (error) {
      if (signal.aborted) throw error
      return true
    } finally {
      this.#wake = undefined
      this.#hasRung = false
    }
  }
}
