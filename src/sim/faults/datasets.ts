import { storeAt } from '../lookup.ts'
import { storeUsed } from '../space.ts'
import type { NewFault } from './fault.ts'

/** Something odd about one dataset. */
export const datasetFaults: readonly NewFault[] = [
  {
    name: 'dataset-unmounted',
    title: 'The blocks of n1/warm were not mounted when its Kubo started',
    expects: [{ code: 'DATASET_NOT_MOUNTED', subject: 'n1/warm-tier/ipfs-cluster' }],
    apply: (world) => {
      storeAt(world, 'n1/warm').oddDatasets['warm-tier/ipfs-cluster/kubo/blocks'] = { mounted: false }
    },
  },
  {
    name: 'key-missing',
    title: 'The encrypted Cluster folder of n3/hot is locked: nobody has loaded its key',
    expects: [{ code: 'KEY_NOT_LOADED', subject: 'n3/hot-tier/ipfs-cluster/cluster' }],
    apply: (world) => {
      storeAt(world, 'n3/hot').oddDatasets['hot-tier/ipfs-cluster/cluster'] = { keyStatus: 'unavailable' }
    },
  },
  {
    name: 'quota-near',
    title: 'The refquota on the blocks of n2/hot is nearly reached, in a pool with room',
    expects: [{ code: 'DATASET_QUOTA_NEAR', subject: 'n2/hot-tier/ipfs-cluster/kubo/blocks' }],
    apply: (world) => {
      const store = storeAt(world, 'n2/hot')
      const refquota = Math.floor(storeUsed(world, store) * 1.08)
      store.oddDatasets['hot-tier/ipfs-cluster/kubo/blocks'] = { refquota }
    },
  },
  {
    name: 'snapshots-kept',
    title: 'Nobody drops the snapshots of n3/cold: they alone hold four tenths of its blocks',
    expects: [{ code: 'SNAPSHOT_SPACE_HIGH', subject: 'n3/cold-tier/ipfs-cluster/kubo/blocks' }],
    apply: (world) => {
      storeAt(world, 'n3/cold').oddDatasets['cold-tier/ipfs-cluster/kubo/blocks'] = { snapshotShare: 0.4 }
    },
  },
]
