import type { Clock } from '../domain/ports/clock.ts'
import type { Freeze, Freezes } from '../domain/ports/freeze.ts'
import type { RunRecord } from '../domain/run.ts'
import type { Instant } from '../domain/units.ts'
import type { Gate } from '../engine/options.ts'
import type { Standing } from './parts.ts'

/** What lets a run work, or holds it back, beside its locks. An emergency waits for no freeze. */
export function createGate(options: {
  standing: Pick<Standing, 'standsBack'>
  freeze: Freezes
  clock: Clock
}): (run: RunRecord, what: { starting: boolean }) => Promise<Gate> {
  const { standing, freeze, clock } = options
  return async (run, { starting }) => {
    const back = standing.standsBack()
    if (back !== null) return { open: false, reason: `this controller changes nothing: ${back}`, until: null }
    if (starting && run.class !== 'emergency') {
      const frozen = await presentFreeze(freeze, clock.now())
      if (frozen !== undefined) {
        return { open: false, reason: `frozen by ${frozen.by}: ${frozen.reason}`, until: frozen.until }
      }
    }
    return { open: true }
  }
}

/** The freeze as it counts now: one whose time is over is none. */
export async function presentFreeze(freeze: Freezes, now: Instant): Promise<Freeze | undefined> {
  const frozen = await freeze.read()
  return frozen === undefined || (frozen.until !== null && frozen.until <= now) ? undefined : frozen
}
