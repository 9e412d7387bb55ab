import type { Instant } from '../units.ts'
import { maxExceptionExamples, type PinException, PinExceptionKind, type PinsetSummary } from './pinset-summary.ts'

/** The same exception, since when an earlier reading met it. */
export function wasMetBefore(exception: PinException, before: Iterable<PinException>): PinException {
  for (const { kind, cid, since } of before) {
    if (kind === exception.kind && cid === exception.cid) return { ...exception, since }
  }
  return exception
}

/** Exceptions in figures. `readAt`: the reading that they are from; what lasts was met by one before it. */
export function summaryOfExceptions(
  exceptions: readonly PinException[],
  readAt: Instant,
  beyond: Partial<Record<PinExceptionKind, number>> = {},
): PinsetSummary['exceptions'] {
  const summary: PinsetSummary['exceptions'] = {}
  for (const kind of PinExceptionKind.options) {
    const some = exceptions.filter((exception) => exception.kind === kind)
    const count = some.length + (beyond[kind] ?? 0)
    if (count === 0) continue
    summary[kind] = {
      count,
      lasting: some.filter(({ since }) => since < readAt).length,
      examples: some.toSorted((a, b) => a.since - b.since).slice(0, maxExceptionExamples),
    }
  }
  return summary
}
