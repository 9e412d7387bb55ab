import type { PoolOnHost } from '../../domain/health/pools-of-host.ts'
import type { FleetView } from '../../domain/health/view.ts'
import { doesItsWork, vdevClasses, type Vdev } from '../../domain/pool-status.ts'
import { wholeScrub } from '../../domain/scrub-extent.ts'
import { age } from '../../domain/units.ts'
import { type Choice, choosePoolsBy, type Chosen } from '../parts/pools-of-fleet.ts'
import { isResilver } from '../parts/pool.ts'
import { isScrub, scrubIn } from './records.ts'

/** The pools that are meant, what was not verified for longest first. */
export function choosePools(view: FleetView, choice: Choice): Chosen {
  const judge = { what: 'scrubbed', isDue: (pool: PoolOnHost) => isDue(pool, view), whyNotNow }
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
  return scrub?.endedAt === undefined || age(scrub.endedAt, host.now) > fleet.procedures.scrub.every
}

/** What would make a scrub wait or be refused, as far as the last look tells. */
function whyNotNow({ status, listed, states }: PoolOnHost): string | undefined {
  if (status === undefined || listed === undefined) return 'it is not imported, or was not seen yet'
  const bad = states.find(({ state }) => !doesItsWork(state))
  if (bad !== undefined) return `it is ${bad.state}`
  if (listed.readonly) return 'it is imported read-only'
  if (status.scans.some((scan) => isResilver(scan) && scan.state === 'in-progress')) return 'it is resilvering'
  const scrub = scrubIn(status)
  if (scrub !== undefined && isScrub(scrub) && scrub.state === 'in-progress') return 'it is being scrubbed'
  if (scrub?.state === 'paused') return 'somebody has paused a scrub of it'
  return vdevClasses.some((name) => hasSpare(status.vdevs[name])) ? 'a spare stands in for a disk' : undefined
}

const hasSpare = (vdevs: readonly Vdev[]): boolean =>
  vdevs.some(({ kind, children }) => kind === 'spare' || hasSpare(children))
