import type { StoreBounds } from '../../src/adapters/store/controller-books.ts'
import type { ControllerStore } from '../../src/domain/ports/controller-store.ts'

/** An empty store, and what a test can do behind its back. */
export interface StoreBench {
  store: ControllerStore
  query(sql: string): Promise<void>
  /** The store of a second controller on the same database; undefined where one alone may have it. */
  another?: () => Promise<ControllerStore>
  remove(): Promise<void>
}

/** Small enough to be reached. */
export const benchBounds: StoreBounds = { transcript: { bytes: 10_000, entries: 40 }, feed: 5 }
