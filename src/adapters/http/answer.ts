import type { Dispatcher } from 'undici'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { Deadline } from './deadline.ts'

/** How much of a refused answer is read, to be kept and to look for the peer's own words in. */
const headBytes = 64 * 1024

/** An answer whose status and headers are there, and whose body is not yet. It must be discarded in the end. */
export class Answer {
  readonly status: number
  /** The request in words, for messages. */
  readonly request: string
  readonly #response: Dispatcher.ResponseData
  readonly #deadline: Deadline

  constructor(response: Dispatcher.ResponseData, { request, deadline }: { request: string; deadline: Deadline }) {
    this.status = response.statusCode
    this.request = request
    this.#response = response
    this.#deadline = deadline
    // Without a listener, discarding an answer in the middle would end the process.
    response.body.on('error', () => undefined)
  }

  /** One header; empty when there is none. */
  header(name: string): string {
    const value = this.#response.headers[name]
    return Array.isArray(value) ? value.join(', ') : (value ?? '')
  }

  /** The values of a trailer, as often as it stands there; undefined when it does not. Known after the body's end. */
  trailer(name: string): string[] | undefined {
    // undici's types say string; a trailer that stands there twice is an array (measured, undici 8.12).
    const value: unknown = this.#response.trailers[name]
    if (value === undefined) return undefined
    return [value].flat().filter((one) => typeof one === 'string')
  }

  /** The body as it comes. A connection that breaks is thrown as `brokenOff(cause)`. */
  async *chunks(brokenOff: (cause: unknown) => Error): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of this.#response.body) yield bytes(chunk)
    } catch (cause) {
      this.#deadline.throwIfOver()
      throw brokenOff(cause)
    }
  }

  /** The whole body as text. Throws UnexpectedOutput when it is longer than `limit` bytes. */
  async text(limit: number, brokenOff: (cause: unknown) => Error): Promise<string> {
    const parts: Uint8Array[] = []
    let size = 0
    for await (const chunk of this.chunks(brokenOff)) {
      parts.push(chunk)
      size += chunk.length
      if (size > limit) {
        const head = Buffer.concat(parts).subarray(0, headBytes).toString('utf8')
        throw new UnexpectedOutput(`${this.request} answered with more than ${limit} bytes`, head)
      }
    }
    return Buffer.concat(parts).toString('utf8')
  }

  /** The beginning of the body, or what could be had of it. */
  async head(): Promise<string> {
    const parts: Uint8Array[] = []
    let size = 0
    try {
      for await (const chunk of this.chunks(() => new Error('broken off'))) {
        parts.push(chunk)
        size += chunk.length
        if (size >= headBytes) break
      }
    } catch {
      // The status has told what there is to know; its text is an extra.
    }
    return Buffer.concat(parts).subarray(0, headBytes).toString('utf8')
  }

  /** Lets go of what has not been read, and of the connection with it. */
  discard(): void {
    this.#response.body.destroy()
  }
}

function bytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  throw new TypeError('a body gave something else than bytes')
}
