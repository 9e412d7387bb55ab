import type { PinStatus } from '../pinning.ts'
import type { PinExceptionKind } from './pinset-summary.ts'

/** What the lists of one peer and its Kubo say of one pin. */
export interface SeenPin {
  /** Whether the pinset gives it to this peer. */
  isHeld: boolean
  /** As the tracker tells; undefined where its list, which is read after the pinset, does not have the pin (any more). */
  status: PinStatus | undefined
  /** Whether Kubo lists it; undefined where its list could not be had. */
  isInKubo: boolean | undefined
  isDirect: boolean
}

/** How one pin is other than the pinset says; undefined where it is as it should be, or where the lists cannot tell. */
export function exceptionOf({ isHeld, status, isInKubo, isDirect }: SeenPin): PinExceptionKind | undefined {
  if (status === 'pin_error' || status === 'unpin_error' || status === 'cluster_error') return 'in-error'
  // Lists call every direct pin unexpectedly unpinned (ipfs-cluster 1.1.6, `PinLs` stops after the first type).
  if (isDirect) return undefined
  // A pin that is queued to be unpinned is still in Kubo, rightly.
  if (!isHeld) return isInKubo === true && (status === 'remote' || status === undefined) ? 'orphan' : undefined
  if (status === 'pinned' || status === 'sharded') return undefined
  return status === 'unexpectedly_unpinned' ? 'unexpectedly-unpinned' : 'not-pinned'
}
