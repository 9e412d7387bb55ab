import { seconds } from '../../domain/units.ts'
import { dataBytes, storeUsed, totalUsed } from '../space.ts'
import { hostOf, poolOf, storeOf } from '../lookup.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

/** Puts so much data beside ours into the pool that the given share of it is in use. */
export function fillPool(world: World, at: { host: string; pool: string }, share: number): void {
  const host = hostOf(world, at.host)
  const pool = poolOf(host, at.pool)
  pool.ballast += Math.max(0, Math.floor(dataBytes(pool) * share) - totalUsed(world, host, pool))
}

export const poolFilling: Fault = {
  name: 'pool-filling',
  title: 'n2/warm-tier is 83 % full',
  expects: [
    { code: 'POOL_NEARLY_FULL', subject: 'n2/warm-tier' },
    { code: 'STORAGE_MAX_MISLEADING', subject: 'n2/warm/kubo' },
  ],
  settlesAfter: seconds(0),
  apply: (world) => fillPool(world, { host: 'n2', pool: 'warm-tier' }, 0.83),
  mend: (world) => {
    poolOf(hostOf(world, 'n2'), 'warm-tier').ballast = 0
  },
}

/** What was still available on a full pool in the lab (measured on 2.1.11). */
const lastBytes = 104_960

export const poolFull: Fault = {
  name: 'pool-full',
  title: 'The store of n1/hot-tier has no room left, though zpool list shows 73 %',
  expects: [
    { code: 'POOL_NEARLY_FULL', subject: 'n1/hot-tier' },
    { code: 'DATASET_QUOTA_NEAR', subject: 'n1/hot-tier/ipfs-cluster' },
    { code: 'STORAGE_MAX_MISLEADING', subject: 'n1/hot/kubo' },
  ],
  settlesAfter: seconds(0),
  apply: (world) => {
    fillPool(world, { host: 'n1', pool: 'hot-tier' }, 0.73)
    const store = storeOf(hostOf(world, 'n1'), 'hot')
    store.quota = storeUsed(world, store) + lastBytes
  },
  mend: (world) => {
    const host = hostOf(world, 'n1')
    poolOf(host, 'hot-tier').ballast = 0
    storeOf(host, 'hot').quota = null
  },
}
