import { z } from 'zod'
import type { PoolOnHost } from '../../domain/health/pools-of-host.ts'
import type { FleetView } from '../../domain/health/view.ts'
import { wholeScrub } from '../../domain/scrub-extent.ts'
import { DurationText } from '../../domain/text-units.ts'
import { age, days } from '../../domain/units.ts'
import { type Choice, choosePoolsBy, type Chosen } from '../parts/pools-of-fleet.ts'
import { whyNotNow } from '../parts/pool-checks.ts'
import { scrubReasons, scrubVerdict } from './preflight.ts'

/** What the fleet file says of scrubs. */
export const ScrubSettings = z.object({
  every: DurationText.default(days(28)).describe('A pool is due when its last scrub is longer ago than this'),
})

/** The pools that are meant, what was not verified for longest first. */
export function choosePools(view: FleetView, choice: Choice): Chosen {
  const judge = { what: 'scrubbed', isDue: (pool: PoolOnHost) => isDue(pool, view), whyNotNow: whyNoScrub }
  const { pools, leftOut } = choosePoolsBy(view, choice, judge)
  const isInOrder = choice.pools !== undefined
  return { pools: isInOrder ? pools : pools.toSorted((a, b) => verifiedAt(a) - verifiedAt(b)), leftOut }
}

/** When its last whole scrub ended, by the clock of its host; 0 where none is known. */
function verifiedAt({ status, host }: PoolOnHost): number {
  return status === undefined ? 0 : (wholeScrub(status, host.observation.zfs?.version.last?.value)?.endedAt ?? 0)
}

/** Pools that no store lies on are somebody else's to care for. One whose scrubs cannot be seen may be due: it is left out with that reason. */
function isDue(pool: PoolOnHost, { fleet }: FleetView): boolean {
  const { status, host, stores } = pool
  if (stores.length === 0) return false
  if (status === undefined) return true
  const scrub = wholeScrub(status, host.observation.zfs?.version.last?.value)
  return (
    scrub?.endedAt === undefined ||
    age(scrub.endedAt, host.now) > ScrubSettings.parse(fleet.procedures['scrub'] ?? {}).every
  )
}

/** What would make a scrub wait or be refused, as far as the last look tells. */
function whyNoScrub(pool: PoolOnHost): string | undefined {
  const why = whyNotNow(pool, scrubReasons)
  if (why !== undefined || pool.status === undefined) return why
  const { verdict, says } = scrubVerdict(pool.status, pool.name, pool.host.now)
  return verdict === 'holds' ? undefined : says
}
