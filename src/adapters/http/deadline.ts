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
    this.pause()
    this.#timer = setTimeout(() => this.#controller.abort(error()), after)
  }

  pause(): void {
    clearTimeout(this.#timer)
  }

  /** Throws why the request was cut off, if it was. */
  throwIfOver(): void {
    this.signal.throwIfAborted()
  }

  [Symbol.dispose](): void {
    this.pause()
    this.#outer?.removeEventListener('abort', this.#forward)
  }
}
