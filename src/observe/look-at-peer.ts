import type { ObservedPeer } from '../domain/pinning.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Pinning } from '../domain/ports/pinning.ts'
import type { Instant } from '../domain/units.ts'

/** Looks at a peer, and remembers since when it has seen the same peers: a difference that has just come is no finding. */
export function lookAtPeer(pinning: Pinning, clock: Clock): (signal: AbortSignal) => Promise<ObservedPeer> {
  let known: { sees: string; since: Instant } | undefined
  return async (signal) => {
    const peer = await pinning.self(signal)
    const now = clock.now()
    const sees = peer.sees.toSorted().join()
    // A clock that was set back would keep a difference young for hours.
    if (known === undefined || known.sees !== sees || known.since > now) known = { sees, since: now }
    return { ...peer, seesSince: known.since }
  }
}
