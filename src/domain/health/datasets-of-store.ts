import { type Dataset, isWithin } from '../dataset.ts'
import type { DatasetList } from '../dataset-list.ts'
import type { Reading } from '../observation.ts'
import { evidenceFrom } from './evidence.ts'
import type { Evidence, Place } from './finding.ts'
import { placeOfStore, presentOf, type StoreOnHost, storesOf } from './stores-of-host.ts'
import { answered, type FleetView } from './view.ts'

/** The datasets of one store, as the last good `zfs list` has them. */
export interface DatasetsOfStore {
  store: StoreOnHost
  /** The dataset that the store names. */
  root: string
  /** That dataset and what lies below it. */
  within: readonly Dataset[]
  /** Those above it, up to the pool's own. */
  above: readonly Dataset[]
  /** There are more below it than were kept. */
  isCut: boolean
  place: Place
  evidence: (values: Readonly<Record<string, Evidence['value']>>) => Evidence[]
}

/** The datasets of all stores, where they were listed; POOL_NEARLY_FULL tells of those that were not. */
export function datasetsOfStores(view: FleetView): DatasetsOfStore[] {
  return answered(view).flatMap((host) => {
    const reading: Reading<DatasetList> | undefined = host.observation.zfs?.datasets
    const list = reading?.last?.value
    if (reading === undefined || list === undefined) return []
    return storesOf(host).flatMap((store) =>
      store.datasets.map((root) => ({
        store,
        root,
        within: list.kept.filter(({ name }) => isWithin(name, root)),
        above: list.kept.filter(({ name }) => name !== root && isWithin(root, name)),
        isCut: list.cutBelow.includes(root),
        place: placeOfStore(store, 'dataset'),
        evidence: (values: Readonly<Record<string, Evidence['value']>>) => evidenceFrom(reading, host.now, values),
      })),
    )
  })
}

/** The daemons of a store that answer now: `Kubo`, `IPFS Cluster`. Empty does not mean that none runs. */
export function answeringDaemons({ observed, host }: StoreOnHost): string[] {
  return [
    ...(presentOf(observed?.kubo, host) === undefined ? [] : ['Kubo']),
    ...(presentOf(observed?.peer, host) === undefined ? [] : ['IPFS Cluster']),
  ]
}
