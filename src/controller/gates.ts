import type { Fleet } from '../domain/fleet.ts'
import { settingsOf } from '../domain/settings-of.ts'
import { windowAt } from '../domain/window.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { Freeze, Freezes } from '../domain/ports/freeze.ts'
import type { Instant } from '../domain/units.ts'
import type { AskGate } from '../engine/options.ts'
import type { Standing } from './parts.ts'

/** What lets a run work, or holds it back, beside its locks. An emergency waits for no freeze. */
export function createGate(options: {
  standing: Pick<Standing, 'standsBack'>
  freeze: Freezes
  fleet: Pick<Fleet, 'windows' | 'procedures'>
  clock: Clock
}): AskGate {
  const { standing, freeze, fleet, clock } = options
  return async (run, { starting }) => {
    const back = standing.standsBack()
    if (back !== null) return { open: false, reason: `this controller changes nothing: ${back}`, until: null }
    if (starting && run.class !== 'emergency') {
      const frozen = await presentFreeze(freeze, clock.now())
      if (frozen !== undefined) {
        return {
          open: false,
          reason: `frozen by ${frozen.by}: ${frozen.reason}; to end that: tiercel unfreeze`,
          until: frozen.until,
        }
      }
    }
    const window = run.class === 'background' ? settingsOf(fleet, run.procedure).window : undefined
    if (window === undefined) return { open: true }
    const { open, until } = windowAt(window, clock.now())
    return open ? { open } : { open, reason: `outside the window ${window.name}`, until }
  }
}

/** The freeze as it counts now: one whose time is over is none. */
export async function presentFreeze(freeze: Freezes, now: Instant): Promise<Freeze | undefined> {
  const frozen = await freeze.read()
  return frozen === undefined || (frozen.until !== null && frozen.until <= now) ? undefined : frozen
}
