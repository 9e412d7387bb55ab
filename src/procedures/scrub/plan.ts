import { z } from 'zod'
import { type PoolOnHost, poolsOf } from '../../domain/health/pools-of-host.ts'
import { answered, type FleetView } from '../../domain/health/view.ts'
import { didYouMean } from '../../domain/nearest.ts'
import type { Json } from '../../domain/run.ts'
import { Duration } from '../../domain/units.ts'
import { InvalidInput } from '../../engine/errors.ts'
import { hostNotSeen } from '../errors.ts'
import { scrubIn } from './records.ts'

/** What is to be scrubbed, and what it is held against. */
export const PoolPlan = z.object({
  host: z.string(),
  pool: z.string(),
  guid: z.string(),
  errorsOnly: z.boolean(),
  /** The stores that lie on it. */
  stores: z.array(z.string()),
  /** Their tiers, with how many pools of each may be scrubbed at once. */
  tiers: z.array(z.object({ name: z.string(), atOnce: z.int().positive() })),
  /** As long as the last scrub took; null where that is not known. */
  takes: Duration.nullable(),
})
export type PoolPlan = z.infer<typeof PoolPlan>

/** A plan without how long it may take: that changes with every scrub, and makes no other plan of it. */
export const essenceOf = ({ takes: _estimate, ...plan }: PoolPlan): Json => plan

/** How a pool is named by people: `n1/hot-tier`. */
export const keyOf = ({ host, pool }: { host: string; pool: string }): string => `${host}/${pool}`

/** Plans the scrub of one pool, by the last look at it. */
export function planOfPool(view: FleetView, at: { host: string; pool: string; errorsOnly: boolean }): PoolPlan {
  const found = findPool(view, at)
  const guid = found.listed?.guid ?? found.status?.guid
  if (guid === undefined) {
    throw new InvalidInput(
      `the pool ${keyOf(at)} is not imported, or was not seen yet`,
      `import it, or see tiercel health --host ${at.host}`,
    )
  }
  return planFor(view, found, { guid, errorsOnly: at.errorsOnly })
}

export function planFor(
  { fleet }: FleetView,
  { name, host, stores, status }: PoolOnHost,
  { guid, errorsOnly }: { guid: string; errorsOnly: boolean },
): PoolPlan {
  const tiers = [...new Set(stores.map(({ tier }) => tier))].toSorted()
  const last = status === undefined ? undefined : scrubIn(status)
  const isDone = last?.kind === 'scrub' && last.state === 'finished'
  const took =
    isDone && last.startedAt !== undefined && last.endedAt !== undefined ? last.endedAt - last.startedAt : undefined
  return {
    host: host.name,
    pool: name,
    guid,
    errorsOnly,
    stores: stores.map((store) => store.name).toSorted(),
    tiers: tiers.map((tier) => ({ name: tier, atOnce: atOnceOf(fleet, tier) })),
    takes: took === undefined || errorsOnly ? null : Duration.parse(Math.max(0, took)),
  }
}

/** A tenth of the stores of a tier, at least one: scrubbing is load, and what is not scrubbed answers faster. */
function atOnceOf(fleet: FleetView['fleet'], tier: string): number {
  const stores = fleet.hosts.flatMap((host) => host.stores.filter((store) => store.tier === tier))
  return Math.max(1, Math.floor(stores.length / 10))
}

function findPool(view: FleetView, { host, pool }: { host: string; pool: string }): PoolOnHost {
  const names = view.fleet.hosts.map(({ name }) => name)
  if (!names.includes(host)) {
    throw new InvalidInput(`there is no host ${host}${didYouMean(host, names)}`, `hosts: ${names.join(', ')}`)
  }
  const there = answered(view).find(({ name }) => name === host)
  if (there === undefined) {
    throw hostNotSeen(view, host)
  }
  const pools = poolsOf(there)
  const found = pools.find(({ name }) => name === pool)
  if (found !== undefined) return found
  const known = pools.map(({ name }) => name)
  throw new InvalidInput(`there is no pool ${pool} on ${host}${didYouMean(pool, known)}`, `pools: ${known.join(', ')}`)
}
