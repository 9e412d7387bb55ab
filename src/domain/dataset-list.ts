import { z } from 'zod'
import { Dataset, isWithin } from './dataset.ts'

/** The datasets of a host, as far as an observation carries them: a host can have 100,000. */
export const DatasetList = z.object({
  /** Those of the stores, all above them, what lies below them, and some others; in the order of `zfs list`. */
  kept: z.array(Dataset),
  /** How many there are. */
  total: z.int().nonnegative(),
  /** Datasets of stores below which there are more than are kept. */
  cutBelow: z.array(z.string()),
})
export type DatasetList = z.infer<typeof DatasetList>

/** How many datasets below that of one store are kept; the runbook has four. */
export const maxBelowStore = 256
/** How many are kept that have to do with no store. */
export const maxOthers = 100

export interface DatasetKeeper {
  add(dataset: Dataset): void
  list(): DatasetList
}

/** Takes datasets one by one, and keeps what matters: with the datasets of the stores as names. */
export function datasetKeeper(ofStores: readonly string[]): DatasetKeeper {
  const kept: Dataset[] = []
  const below = new Map<string, number>()
  const cutBelow = new Set<string>()
  let total = 0
  let others = 0
  return {
    add(dataset) {
      const { name } = dataset
      total += 1
      if (ofStores.some((store) => isWithin(store, name))) {
        kept.push(dataset)
        return
      }
      const store = ofStores.find((one) => isWithin(name, one))
      if (store === undefined) {
        others += 1
        if (others <= maxOthers) kept.push(dataset)
        return
      }
      const count = (below.get(store) ?? 0) + 1
      below.set(store, count)
      if (count <= maxBelowStore) kept.push(dataset)
      else cutBelow.add(store)
    },
    list: () => ({ kept, total, cutBelow: [...cutBelow] }),
  }
}
