import { hostOf, poolAt, storeAt } from '../lookup.ts'
import { dataBytes, storeUsed, totalUsed } from '../space.ts'
import type { World } from '../world.ts'
import { type Expectation, type NewFault, set } from './fault.ts'

/** A store whose pool was not there when the host started: neither of its daemons could start. */
const daemonsDown = (store: string): Expectation[] => [
  { code: 'CLUSTER_UNREACHABLE', subject: `${store}/peer` },
  { code: 'PEER_MISSING', subject: `${store}/peer` },
  { code: 'KUBO_UNREACHABLE', subject: `${store}/kubo` },
  { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
]

/** Puts so much data beside ours into the pool that the given share of it is in use. */
function fillPool(world: World, place: `${string}/${string}`, share: number): void {
  const pool = poolAt(world, place)
  const used = totalUsed(world, hostOf(world, place.split('/')[0] ?? ''), pool)
  pool.ballast += Math.max(0, Math.floor(dataBytes(pool) * share) - used)
}

/** What was still available on a full pool in the lab (measured on 2.1.11). */
const lastBytes = 104_960

export const poolFaults: readonly NewFault[] = [
  {
    name: 'pool-suspended',
    title: 'n3/hot-tier has lost its disks while in use: all I/O waits, and Kubo with it',
    expects: [
      { code: 'POOL_SUSPENDED', subject: 'n3/hot-tier' },
      // Unknown: a suspended pool does not show its list of errors.
      { code: 'POOL_DATA_ERRORS', subject: 'n3/hot-tier' },
      { code: 'KUBO_UNREACHABLE', subject: 'n3/hot/kubo' },
      { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
    ],
    apply: (world) => set(poolAt(world, 'n3/hot-tier'), { suspended: true }),
  },
  {
    name: 'pool-faulted',
    title: 'n3/cold-tier could not be opened when the host started: its metadata is corrupted',
    expects: [
      { code: 'POOL_FAULTED', subject: 'n3/cold-tier' },
      // Unknown: of a pool that is not open, the errors line is missing.
      { code: 'POOL_DATA_ERRORS', subject: 'n3/cold-tier' },
      ...daemonsDown('n3/cold'),
    ],
    apply: (world) => set(poolAt(world, 'n3/cold-tier'), { corrupted: true }),
  },
  {
    name: 'pool-missing',
    title: 'n2/hot-tier was not imported when the host started',
    expects: [{ code: 'POOL_MISSING', subject: 'n2/hot-tier' }, ...daemonsDown('n2/hot')],
    apply: (world) => set(poolAt(world, 'n2/hot-tier'), { imported: false }),
  },
  {
    name: 'data-errors',
    title: 'n1/warm-tier has lost the only good copy of some files',
    expects: [{ code: 'POOL_DATA_ERRORS', subject: 'n1/warm-tier' }],
    apply: (world) =>
      set(poolAt(world, 'n1/warm-tier'), {
        damagedFiles: [
          '/warm-tier/ipfs-cluster/kubo/blocks/X3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data',
          '/warm-tier/ipfs-cluster/kubo/notes of\ntwo lines.txt',
          'warm-tier/ipfs-cluster/kubo/blocks:<0x12>',
        ],
      }),
    // A scrub that was stopped has moved them.
    mend: (world) => set(poolAt(world, 'n1/warm-tier'), { damagedFiles: [], hiddenDamage: [] }),
  },
  {
    name: 'pool-filling',
    title: 'n2/warm-tier is 83 % full',
    expects: [
      { code: 'POOL_NEARLY_FULL', subject: 'n2/warm-tier' },
      { code: 'STORAGE_MAX_MISLEADING', subject: 'n2/warm/kubo' },
    ],
    apply: (world) => fillPool(world, 'n2/warm-tier', 0.83),
  },
  {
    name: 'pool-full',
    title: 'The store of n1/hot-tier has no room left, though zpool list shows 73 %',
    expects: [
      { code: 'POOL_NEARLY_FULL', subject: 'n1/hot-tier' },
      { code: 'DATASET_QUOTA_NEAR', subject: 'n1/hot-tier/ipfs-cluster' },
      { code: 'STORAGE_MAX_MISLEADING', subject: 'n1/hot/kubo' },
    ],
    apply: (world) => {
      fillPool(world, 'n1/hot-tier', 0.73)
      const store = storeAt(world, 'n1/hot')
      store.quota = storeUsed(world, store) + lastBytes
    },
  },
  {
    name: 'pool-fragmented',
    title: 'n3/warm-tier is three quarters full, and its free space lies in small pieces',
    expects: [
      { code: 'POOL_FRAGMENTED', subject: 'n3/warm-tier' },
      // The pool is no longer large enough for what its Kubo may hold.
      { code: 'STORAGE_MAX_MISLEADING', subject: 'n3/warm/kubo' },
    ],
    apply: (world) => {
      fillPool(world, 'n3/warm-tier', 0.75)
      poolAt(world, 'n3/warm-tier').fragmentation += 0.6
    },
  },
  {
    name: 'pool-readonly',
    title: 'n2/cold-tier was imported read-only after a failure, and was left so',
    expects: [{ code: 'POOL_READONLY', subject: 'n2/cold-tier' }],
    apply: (world) => set(poolAt(world, 'n2/cold-tier'), { readonly: true }),
  },
  {
    name: 'features-disabled',
    title: 'OpenZFS of n1 was updated; cold-tier does not use its new features yet',
    expects: [{ code: 'POOL_FEATURES_DISABLED', subject: 'n1/cold-tier', isInfo: true }],
    apply: (world) => set(poolAt(world, 'n1/cold-tier'), { featuresDisabled: true }),
  },
  {
    name: 'hostid-mismatch',
    title: 'cold-tier of n1 was last in use by a host of another ID',
    expects: [{ code: 'POOL_STATUS_REASON', subject: 'n1/cold-tier' }],
    apply: (world) => set(poolAt(world, 'n1/cold-tier'), { hostIdDiffers: true }),
  },
  {
    name: 'undeclared-pool',
    title: 'n3 has a pool that no store names',
    expects: [{ code: 'UNDECLARED_POOL', subject: 'n3/scratch', isInfo: true }],
    apply: (world) => {
      const host = hostOf(world, 'n3')
      const like = structuredClone(poolAt(world, 'n3/hot-tier'))
      for (const disk of like.vdevs.flatMap(({ disks }) => disks)) disk.guid = `9${disk.guid.slice(1)}`
      host.pools.push({ ...like, name: 'scratch', guid: `9${like.guid.slice(1)}` })
    },
    mend: (world) => {
      const host = hostOf(world, 'n3')
      host.pools = host.pools.filter(({ name }) => name !== 'scratch')
    },
  },
]
