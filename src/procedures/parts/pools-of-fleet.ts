import { type PoolOnHost, poolsIn } from '../../domain/health/pools-of-host.ts'
import { answered, type FleetView } from '../../domain/health/view.ts'
import { didYouMean } from '../../domain/nearest.ts'
import { InvalidInput } from '../../engine/errors.ts'
import { hostNotSeen } from '../errors.ts'

/** How pools are chosen: by exactly one of the three. */
export interface Choice {
  pools?: readonly string[] | undefined
  tier?: string | undefined
  due?: boolean | undefined
}

/** What is chosen, and what is not, with the reason. */
export interface Chosen {
  pools: PoolOnHost[]
  leftOut: { what: string; why: string }[]
}

/** The pools that are meant, by the last look at the fleet. Those that were named are never left out. */
export function choosePoolsBy(
  view: FleetView,
  { pools: named, tier, due = false }: Choice,
  judge: {
    /** `scrubbed`, as it stands after "can be". */
    what: string
    isDue: (pool: PoolOnHost) => boolean
    /** Why it would wait or be refused now; undefined where nothing is known to be against it. */
    whyNotNow: (pool: PoolOnHost) => string | undefined
  },
): Chosen {
  const ways = [named !== undefined, tier !== undefined, due].filter(Boolean).length
  const hint = 'one of --pool n1/hot-tier (repeatable), --tier hot, --due'
  if (ways !== 1) throw new InvalidInput(`say in one way which pools, not in ${ways === 0 ? 'none' : ways}`, hint)
  const all = poolsIn(view)
  if (named !== undefined) return { pools: byName(all, view, named), leftOut: [] }
  const tiers = view.fleet.tiers.map(({ name }) => name)
  if (tier !== undefined && !tiers.includes(tier)) {
    throw new InvalidInput(`there is no tier ${tier}${didYouMean(tier, tiers)}`, `tiers: ${tiers.join(', ')}`)
  }
  const meant = all.filter((pool) => (tier === undefined ? judge.isDue(pool) : onTier(pool, tier)))
  const silent = view.hosts.filter(({ contact }) => contact.state !== 'answered')
  const leftOut = silent.map(({ declaration: { name } }) => ({ what: name, why: 'its agent does not answer' }))
  const pools: PoolOnHost[] = []
  for (const pool of meant) {
    const why = judge.whyNotNow(pool)
    if (why === undefined) pools.push(pool)
    else leftOut.push({ what: pool.subject, why })
  }
  if (pools.length > 0) return { pools, leftOut }
  const rest = leftOut.map(({ what, why }) => `${what} (${why})`).join(', ')
  throw new InvalidInput(
    `${due ? 'no pool is due' : `no pool of the tier ${tier ?? ''} can be ${judge.what} now`}${rest === '' ? '' : `; left out: ${rest}`}`,
    'see tiercel health for pools that are overdue or in trouble',
  )
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
