import { UnexpectedOutput } from './errors.ts'

/**
 * A part of an answer was understood, and a part was not. Who must know all refuses it like any other error; who can do
 * with a part takes `read`, and tells of the rest beside it.
 */
export class ReadInPart<T> extends UnexpectedOutput {
  readonly read: T

  constructor(message: string, raw: string, read: T, options?: ErrorOptions) {
    super(message, raw, options)
    this.read = read
  }
}

/** What could be read, and how to go on with it. */
export interface Part<T> {
  read: T
  /** Gives back what has become of it, or throws it as {@link ReadInPart} where something is missing. */
  conclude: <U>(made: U) => U
}

/** Waits for an answer that may be readable in part only, so that more can be made of what was read. */
export async function partOf<T>(answer: Promise<T>): Promise<Part<T>> {
  try {
    return { read: await answer, conclude: (made) => made }
  } catch (error) {
    if (!isReadInPart<T>(error)) throw error
    return {
      read: error.read,
      conclude: (made) => {
        throw new ReadInPart(error.message, error.raw, made, { cause: error.cause })
      },
    }
  }
}

/** Whether it is the error of an answer of this kind: what was asked throws no other. */
export const isReadInPart = <T>(error: unknown): error is ReadInPart<T> => error instanceof ReadInPart

/**
 * Reads an answer piece by piece, a row or a pool each: one that is not understood loses no other. An answer of which
 * nothing was understood is no answer.
 */
export class Pieces {
  /** What one piece is called, for the message: `row`. */
  readonly #called: string
  #read = 0
  #unread = 0
  #first: UnexpectedOutput | undefined

  constructor(called: string) {
    this.#called = called
  }

  /** What comes of one piece; undefined where it throws. `raw` is its text. */
  take<T>(raw: string, read: () => T): T | undefined {
    try {
      const value = read()
      this.#read += 1
      return value
    } catch (error) {
      this.#unread += 1
      this.#first ??=
        error instanceof UnexpectedOutput
          ? error
          : new UnexpectedOutput(error instanceof Error ? error.message : String(error), raw, { cause: error })
      return undefined
    }
  }

  /** The answer, where all of it was read; else throws what was met first, with the answer if anything was read. */
  conclude<T>(answer: T): T {
    const first = this.#first
    if (first === undefined) return answer
    if (this.#read === 0) throw first
    const all = this.#read + this.#unread
    const missing = `${this.#unread} of ${all} ${this.#called}s ${this.#unread === 1 ? 'was' : 'were'} not understood`
    throw new ReadInPart(`${missing}: ${first.message}`, first.raw, answer, { cause: first.cause })
  }
}
