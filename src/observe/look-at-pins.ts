import { maxPinExamples, type PinOnPeer, type PinStatus, type PinTrouble } from '../domain/pinning.ts'
import type { Pinning } from '../domain/ports/pinning.ts'
import { Instant } from '../domain/units.ts'

/** Queue and error states: the peer answers them from its operation tracker, without asking Kubo (facts: 0.01 s at 1 M). */
export const inTrouble: readonly PinStatus[] = [
  'pin_error',
  'unpin_error',
  'pin_queued',
  'unpin_queued',
  'pinning',
  'unpinning',
]

/** Counts as the list streams by; only a few pins in error are kept, and the ends of each state's times. */
export function lookAtPins(pinning: Pinning): (signal: AbortSignal) => Promise<PinTrouble> {
  return async (signal) => {
    const trouble: PinTrouble = { counts: {}, errors: [], spans: {} }
    for await (const pin of pinning.pins(inTrouble, signal)) {
      trouble.counts[pin.status] = (trouble.counts[pin.status] ?? 0) + 1
      const isError = pin.status === 'pin_error' || pin.status === 'unpin_error'
      if (isError && trouble.errors.length < maxPinExamples) trouble.errors.push(pin)
      addToSpan(trouble.spans, pin)
    }
    return trouble
  }
}

function addToSpan(spans: PinTrouble['spans'], { cid, name, status, since }: PinOnPeer): void {
  const at = Instant.safeParse(Date.parse(since))
  // A time that is none says nothing about the queue; the pin is counted all the same.
  if (!at.success) return
  const span = spans[status]
  const pin = { cid, name, since: at.data }
  spans[status] = {
    oldest: span === undefined || at.data < span.oldest.since ? pin : span.oldest,
    newest: span === undefined || at.data > span.newest ? at.data : span.newest,
  }
}
