import { seconds } from '../../domain/units.ts'
import { hostOf, storeOf } from '../lookup.ts'
import type { SimOddDataset } from '../odd-dataset.ts'
import { storeUsed } from '../space.ts'
import type { SimStore, World } from '../world.ts'
import type { Fault } from './fault.ts'

/** Something odd about one dataset, shown at once. */
const datasetFault = (
  fault: Pick<Fault, 'name' | 'title' | 'expects'> & { host: string; store: string; dataset: string },
  odd: (store: SimStore, world: World) => SimOddDataset,
): Fault => ({
  name: fault.name,
  title: fault.title,
  expects: fault.expects,
  settlesAfter: seconds(0),
  apply: (world) => {
    const store = storeOf(hostOf(world, fault.host), fault.store)
    store.oddDatasets[fault.dataset] = odd(store, world)
  },
  mend: (world) => {
    const store = storeOf(hostOf(world, fault.host), fault.store)
    Reflect.deleteProperty(store.oddDatasets, fault.dataset)
  },
})

export const datasetUnmounted = datasetFault(
  {
    name: 'dataset-unmounted',
    title: 'The blocks of n1/warm were not mounted when its Kubo started',
    host: 'n1',
    store: 'warm',
    dataset: 'warm-tier/ipfs-cluster/kubo/blocks',
    expects: [{ code: 'DATASET_NOT_MOUNTED', subject: 'n1/warm-tier/ipfs-cluster' }],
  },
  () => ({ mounted: false }),
)

export const keyMissing = datasetFault(
  {
    name: 'key-missing',
    title: 'The encrypted Cluster folder of n3/hot is locked: nobody has loaded its key',
    host: 'n3',
    store: 'hot',
    dataset: 'hot-tier/ipfs-cluster/cluster',
    expects: [{ code: 'KEY_NOT_LOADED', subject: 'n3/hot-tier/ipfs-cluster/cluster' }],
  },
  () => ({ keyStatus: 'unavailable' }),
)

export const quotaNear = datasetFault(
  {
    name: 'quota-near',
    title: 'The refquota on the blocks of n2/hot is nearly reached, in a pool with room',
    host: 'n2',
    store: 'hot',
    dataset: 'hot-tier/ipfs-cluster/kubo/blocks',
    expects: [{ code: 'DATASET_QUOTA_NEAR', subject: 'n2/hot-tier/ipfs-cluster/kubo/blocks' }],
  },
  (store, world) => ({ refquota: Math.floor(storeUsed(world, store) * 1.08) }),
)

export const snapshotsKept = datasetFault(
  {
    name: 'snapshots-kept',
    title: 'Nobody drops the snapshots of n3/cold: they alone hold four tenths of its blocks',
    host: 'n3',
    store: 'cold',
    dataset: 'cold-tier/ipfs-cluster/kubo/blocks',
    expects: [{ code: 'SNAPSHOT_SPACE_HIGH', subject: 'n3/cold-tier/ipfs-cluster/kubo/blocks' }],
  },
  () => ({ snapshotShare: 0.4 }),
)
