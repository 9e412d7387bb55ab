import { z } from 'zod'
import { type PoolOnHost, poolsOf } from '../../domain/health/pools-of-host.ts'
import { answered, type FleetView } from '../../domain/health/view.ts'
import { didYouMean } from '../../domain/nearest.ts'
import type { PoolStatus, Scan, Vdev } from '../../domain/pool-status.ts'
import { leaves, vdevClasses } from '../../domain/pool-status.ts'
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

/** So many pools of a tier have load at once: a tenth of its stores, at least one. What has none answers faster. */
export function atOnceOf({ hosts }: FleetView['fleet'], tier: string): number {
  const stores = hosts.flatMap((host) => host.stores.filter((store) => store.tier === tier))
  return Math.max(1, Math.floor(stores.length / 10))
}

export const isResilver = ({ kind }: Scan): boolean => kind === 'resilver' || kind === 'rebuild'

/** The status of one pool as it is now. */
export async function statusOf(world: World, target: PoolTarget, signal: AbortSignal): Promise<PoolStatus> {
  const { host, pool } = target
  const found = (await world.host(host).look('pool-status', {}, signal)).find(({ name }) => name === pool)
  if (found === undefined) throw new PoolNotThere(`the pool ${pool} is not imported on ${host}`)
  return found
}

/** Errors of one disk since the last `zpool clear`. */
export const DiskErrors = z.object({ disk: z.string(), read: z.number(), write: z.number(), checksum: z.number() })
export type DiskErrors = z.infer<typeof DiskErrors>

/** Disks with errors. */
export function errorsOfDisks(status: PoolStatus): DiskErrors[] {
  return leaves(vdevClasses.flatMap((name): Vdev[] => status.vdevs[name])).flatMap((leaf) => {
    const [read, write, checksum] = [leaf.readErrors ?? 0, leaf.writeErrors ?? 0, leaf.checksumErrors ?? 0]
    return read + write + checksum > 0 ? [{ disk: leaf.name, read, write, checksum }] : []
  })
}

/** Errors that disks have had since they were noted. */
export function errorsSince(before: readonly DiskErrors[], status: PoolStatus): DiskErrors[] {
  return errorsOfDisks(status).flatMap((disk) => {
    const was = before.find((one) => one.disk === disk.disk) ?? { read: 0, write: 0, checksum: 0 }
    // Somebody may have cleared them meanwhile: what is there now has come since.
    const more = (kind: 'read' | 'write' | 'checksum') =>
      disk[kind] >= was[kind] ? disk[kind] - was[kind] : disk[kind]
    const errors = { disk: disk.disk, read: more('read'), write: more('write'), checksum: more('checksum') }
    return errors.read + errors.write + errors.checksum > 0 ? [errors] : []
  })
}
