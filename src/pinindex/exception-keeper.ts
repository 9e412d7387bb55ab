import { summaryOfExceptions } from '../domain/pins/pin-exceptions.ts'
import {
  maxExceptions,
  type PinException,
  PinExceptionKind,
  type PinsetSummary,
} from '../domain/pins/pinset-summary.ts'
import type { Instant } from '../domain/units.ts'
import { openAppender } from './appender.ts'

/** Collects the exceptions of one reading: so many of each kind by name, the rest by count. */
export class ExceptionKeeper {
  readonly #readAt: Instant
  readonly #before: Map<string, PinException>
  readonly #kept: PinException[] = []
  readonly #counts: Partial<Record<PinExceptionKind, number>> = {}

  constructor(readAt: Instant, before: Iterable<PinException>) {
    this.#readAt = readAt
    this.#before = new Map([...before].map((exception) => [keyOf(exception.kind, exception.cid), exception]))
  }

  isFull(kind: PinExceptionKind): boolean {
    return (this.#counts[kind] ?? 0) >= maxExceptions
  }

  /** One more of a kind that is full: it is not kept by name. */
  count(kind: PinExceptionKind): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1
  }

  keep(exception: Omit<PinException, 'since'>): void {
    const before = this.#before.get(keyOf(exception.kind, exception.cid))
    this.count(exception.kind)
    this.#kept.push({ ...exception, since: before?.since ?? this.#readAt })
  }

  /** A copy of which a walk has found a block missing is so until another walk finds it whole. */
  carryIncomplete(cid: string): void {
    const before = this.#before.get(keyOf('incomplete', cid))
    if (before === undefined) return
    this.count('incomplete')
    this.#kept.push(before)
  }

  /** Writes them, one JSON value a line; what the summary says of them. */
  write(path: string): Pick<PinsetSummary, 'exceptions' | 'unverified'> {
    const file = openAppender(path)
    for (const exception of this.#kept) file.write(Buffer.from(`${JSON.stringify(exception)}\n`))
    file.close()
    const beyond: Partial<Record<PinExceptionKind, number>> = {}
    for (const kind of PinExceptionKind.options) {
      beyond[kind] = Math.max(0, (this.#counts[kind] ?? 0) - maxExceptions)
    }
    return {
      exceptions: summaryOfExceptions(this.#kept, this.#readAt, beyond),
      unverified: Object.values(beyond).some((count) => count > 0),
    }
  }
}

const keyOf = (kind: PinExceptionKind, cid: string): string => `${kind} ${cid}`
