import { type PoolOnHost, poolsIn } from '../../domain/health/pools-of-host.ts'
import { answered, type FleetView } from '../../domain/health/view.ts'
import { didYouMean } from '../../domain/nearest.ts'
import { vdevClasses, type Vdev } from '../../domain/pool-status.ts'
import { wholeScrub } from '../../domain/scrub-extent.ts'
import { age } from '../../domain/units.ts'
import { InvalidInput } from '../../engine/errors.ts'
import { hostNotSeen } from '../errors.ts'
import { isResilver, isScrub, scrubIn } from './records.ts'

/** How pools are chosen: by exactly one of the three. */
export interface Choice {
  pools?: readonly string[] | undefined
  tier?: string | undefined
  due?: boolean | undefined
}

/** What is scrubbed, what was not verified for longest first; and what is not, with the reason. */
export interface Chosen {
  pools: PoolOnHost[]
  leftOut: { what: string; why: string }[]
}

/** The pools that are meant, by the last look at the fleet. Those that were named are never left out. */
export function choosePools(view: FleetView, { pools: named, tier, due = false }: Choice): Chosen {
  const ways = [named !== undefined, tier !== undefined, due].filter(Boolean).length
  const hint = 'one of --pool n1/hot-tier (repeatable), --tier hot, --due'
  if (ways !== 1) throw new InvalidInput(`say in one way what to scrub, not in ${ways === 0 ? 'none' : ways}`, hint)
  const all = poolsIn(view)
  if (named !== undefined) return { pools: byName(all, view, named), leftOut: [] }
  const tiers = view.fleet.tiers.map(({ name }) => name)
  if (tier !== undefined && !tiers.includes(tier)) {
    throw new InvalidInput(`there is no tier ${tier}${didYouMean(tier, tiers)}`, `tiers: ${tiers.join(', ')}`)
  }
  const meant = all.filter((pool) => (tier === undefined ? isDue(pool, view) : onTier(pool, tier)))
  const silent = view.hosts.filter(({ contact }) => contact.state !== 'answered')
  const leftOut = silent.map(({ declaration: { name } }) => ({ what: name, why: 'its agent does not answer' }))
  const pools: PoolOnHost[] = []
  for (const pool of meant) {
    const why = whyNotNow(pool)
    if (why === undefined) pools.push(pool)
    else leftOut.push({ what: pool.subject, why })
  }
  if (pools.length === 0) {
    const rest = leftOut.map(({ what, why }) => `${what} (${why})`).join(', ')
    throw new InvalidInput(
      `${due ? 'no pool is due' : `no pool of the tier ${tier ?? ''} can be scrubbed now`}${rest === '' ? '' : `; left out: ${rest}`}`,
      'see tiercel health for pools that are overdue or in trouble',
    )
  }
  return { pools: pools.toSorted((a, b) => verifiedAt(a) - verifiedAt(b)), leftOut }
}

function byName(all: readonly PoolOnHost[], view: FleetView, names: readonly string[]): PoolOnHost[] {
  const silent = view.fleet.hosts
    .map(({ name }) => name)
    .filter((name) => !answered(view).some((one) => one.name === name))
  const known = all.map(({ subject }) => subject)
  return [...new Set(names)].map((name) => {
    const found = all.find(({ subject }) => subject === name)
    if (found !== undefined) return found
    const [host = ''] = name.split('/')
    if (silent.includes(host)) throw hostNotSeen(view, host)
    throw new InvalidInput(`there is no pool ${name}${didYouMean(name, known)}`, `pools: ${known.join(', ')}`)
  })
}

const onTier = ({ stores }: PoolOnHost, tier: string): boolean => stores.some((store) => store.tier === tier)

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
  const bad = states.find(({ state }) => state !== 'ONLINE' && state !== 'DEGRADED')
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
