import { type PoolOnHost, poolsOf } from '../../domain/health/pools-of-host.ts'
import { answered, type FleetView } from '../../domain/health/view.ts'
import { didYouMean } from '../../domain/nearest.ts'
import type { PoolStatus, Scan } from '../../domain/pool-status.ts'
import { InvalidInput } from '../../engine/errors.ts'
import { hostNotSeen, PoolNotThere } from '../errors.ts'
import type { World } from '../world.ts'

/** One pool of a plan. */
export interface PoolTarget {
  host: string
  pool: string
}

/** How a pool is named by people: `n1/hot-tier`. */
export const keyOf = ({ host, pool }: PoolTarget): string => `${host}/${pool}`

/** Throws for a host that the fleet file does not have, with the nearest. */
export function insistOnHost({ fleet }: FleetView, host: string): void {
  const names = fleet.hosts.map(({ name }) => name)
  if (names.includes(host)) return
  throw new InvalidInput(`there is no host ${host}${didYouMean(host, names)}`, `hosts: ${names.join(', ')}`)
}

/** A pool by the last look at its host; a wrong name is told with the nearest. */
export function findPool(view: FleetView, { host, pool }: PoolTarget): PoolOnHost {
  insistOnHost(view, host)
  const there = answered(view).find(({ name }) => name === host)
  if (there === undefined) throw hostNotSeen(view, host)
  const pools = poolsOf(there)
  const found = pools.find(({ name }) => name === pool)
  if (found !== undefined) return found
  const known = pools.map(({ name }) => name)
  throw new InvalidInput(`there is no pool ${pool} on ${host}${didYouMean(pool, known)}`, `pools: ${known.join(', ')}`)
}

export const isResilver = ({ kind }: Scan): boolean => kind === 'resilver' || kind === 'rebuild'

/** The status of one pool as it is now. */
export async function statusOf(world: World, target: PoolTarget, signal: AbortSignal): Promise<PoolStatus> {
  const { host, pool } = target
  const found = (await world.host(host).look('pool-status', {}, signal)).find(({ name }) => name === pool)
  if (found === undefined) throw new PoolNotThere(`the pool ${pool} is not imported on ${host}`)
  return found
}
