import type { Dataset } from '../domain/dataset.ts'
import { Bytes } from '../domain/units.ts'
import { heldBytes } from './pin-view.ts'
import type { SimPool, SimVdev } from './sim-pool.ts'
import type { SimHostState, SimStore, World } from './world.ts'

const GiB = 2 ** 30

/** What the pool could hold, parity taken off. */
export function dataBytes({ vdevs }: SimPool): number {
  return vdevs
    .filter((vdev) => vdev.class === 'data')
    .reduce((sum, { disks, parity }) => sum + Math.min(...disks.map(({ size }) => size)) * (disks.length - parity), 0)
}

/** What `zpool list` calls the size of a vdev: a mirror counts once, a raidz with its parity. */
export function rawBytes({ kind, disks }: SimVdev): number {
  const size = disks.reduce((sum, disk) => sum + disk.size, 0)
  return kind === 'mirror' ? size / disks.length : size
}

/** What user writes never get: 1/32 of the pool, at most 128 GiB (spa_slop_shift). */
const slop = (pool: SimPool): number => Math.min(Math.floor(dataBytes(pool) / 32), 128 * GiB)

/** Bytes in use on a pool, parity taken off. */
export function totalUsed(world: World, host: SimHostState, pool: SimPool): number {
  return storesOn(host, pool).reduce((sum, store) => sum + storeUsed(world, store), pool.ballast + rootBytes)
}

/** Bytes in the store's dataset and below it. */
export function storeUsed(world: World, store: SimStore): number {
  return childBytes(world, store).reduce((sum, { bytes }) => sum + bytes, parentBytes)
}

/** The pool's datasets as `zfs list` tells them. */
export function datasetsOf(world: World, host: SimHostState, pool: SimPool): Dataset[] {
  const used = totalUsed(world, host, pool)
  const free = Math.max(0, dataBytes(pool) - slop(pool) - used)
  const stores = storesOn(host, pool)
  const dataset = (
    name: string,
    bytes: { used: number; available: number; referenced: number; quota?: number | null },
    store: SimStore | undefined,
  ): Dataset => {
    const odd = store?.oddDatasets[name] ?? {}
    const quota = bytes.quota ?? null
    const bySnapshots = Math.floor(bytes.referenced * (odd.snapshotShare ?? 0))
    return {
      name,
      guid: store?.datasetGuids[name] ?? pool.guid,
      type: 'filesystem',
      used: Bytes.parse(bytes.used),
      available: Bytes.parse(
        quota === null ? bytes.available : Math.max(0, Math.min(bytes.available, quota - bytes.used)),
      ),
      referenced: Bytes.parse(bytes.referenced - bySnapshots),
      usedBySnapshots: Bytes.parse(bySnapshots),
      quota: quota === null ? null : Bytes.parse(quota),
      refquota: odd.refquota === undefined ? null : Bytes.parse(odd.refquota),
      mountpoint: `/${name}`,
      mounted: odd.mounted ?? odd.keyStatus !== 'unavailable',
      canmount: 'on',
      keyStatus: odd.keyStatus ?? null,
      encryptionRoot: odd.keyStatus === undefined ? null : name,
    }
  }
  return [
    dataset(pool.name, { used, available: free, referenced: pool.ballast + rootBytes }, stores[0]),
    ...stores.flatMap((store) => {
      const inStore = storeUsed(world, store)
      const available = store.quota === null ? free : Math.max(0, Math.min(free, store.quota - inStore))
      const kubo = childBytes(world, store).filter(({ child }) => child.startsWith('kubo'))
      return [
        dataset(store.dataset, { used: inStore, available, referenced: parentBytes, quota: store.quota }, store),
        ...childBytes(world, store).map(({ child, bytes }) => {
          // The dataset `kubo` has children: what it uses includes theirs.
          const below = child === 'kubo' ? kubo.reduce((sum, other) => sum + other.bytes, 0) : bytes
          return dataset(`${store.dataset}/${child}`, { used: below, available, referenced: bytes }, store)
        }),
      ]
    }),
  ]
}

const rootBytes = 98_304
const parentBytes = 106_496

/** What each dataset below the store's own holds by itself. */
function childBytes(world: World, store: SimStore): { child: string; bytes: number }[] {
  const held = heldBytes(world, store)
  return [
    { child: 'cluster', bytes: 24_576_000 },
    { child: 'kubo', bytes: 131_072 },
    { child: 'kubo/blocks', bytes: Math.floor(held * 1.01) + 98_304 },
    { child: 'kubo/datastore', bytes: Math.floor(held / 4000) + 65_536 },
  ]
}

const storesOn = (host: SimHostState, pool: SimPool): SimStore[] =>
  host.stores.filter((store) => store.pool === pool.name)
