import type { Feed } from './feed.ts'
import type { RunStore, RunTransaction } from './run-store.ts'

/** All that a controller keeps, within one transaction. */
export interface ControllerTransaction extends RunTransaction {
  /** `createRun` and `append` add an entry of kind `run` by themselves. */
  feed: Feed
}

/** The store of a controller: runs, and everything else that it keeps. */
export interface ControllerStore extends RunStore {
  transaction<T>(work: (transaction: ControllerTransaction) => Promise<T>): Promise<T>
  /** Called after each commit that has added to the feed. The function that comes back ends it. */
  onFeed(listener: () => void): () => void
  close(): Promise<void>
}
