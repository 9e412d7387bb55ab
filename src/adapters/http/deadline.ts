import type { Duration } from '../../domain/units.ts'

/**
 * One signal out of the caller's own and of a clock that can be paused and set anew: while a consumer thinks, a peer is
 * not late.
 */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #forward = () => this.#controller.abort(this.#outer?.reason)
  #timer: NodeJS.Timeout | undefined
  /** When the timer goes off, and when the time is up: a list sets the second anew with every item, and no timer for it. */
  #wakesAt = Number.POSITIVE_INFINITY
  #dueAt = Number.POSITIVE_INFINITY
  #error: () => Error = () => new Error('the time is up')

  /** Throws the signal's reason when it is aborted already. */
  constructor(outer?: AbortSignal) {
    outer?.throwIfAborted()
    this.#outer = outer
    outer?.addEventListener('abort', this.#forward, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** From now on, `after` is left; then the signal is aborted with `error()`. */
  start(after: Duration, error: () => Error): void {
    this.#error = error
    this.#dueAt = performance.now() + after
    if (this.#dueAt < this.#wakesAt) this.#arm(after)
  }

  pause(): void {
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  #arm(after: number): void {
    clearTimeout(this.#timer)
    this.#wakesAt = performance.now() + after
    this.#timer = setTimeout(() => {
      this.#wakesAt = Number.POSITIVE_INFINITY
      const left = this.#dueAt - performance.now()
      if (left === Number.POSITIVE_INFINITY) return
      if (left > 0) this.#arm(left)
      else this.#controller.abort(this.#error())
    }, after)
  }

  /** Throws why the request was cut off, if it was. */
  throwIfOver(): void {
    this.signal.throwIfAborted()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#outer?.removeEventListener('abort', this.#forward)
  }
}
