import type { Audit } from './audit.ts'
import type { Feed } from './feed.ts'
import type { FirstWords } from './first-words.ts'
import type { Freezes } from './freeze.ts'
import type { Identity } from './identity.ts'
import type { IssuedOperations } from './issued-operations.ts'
import type { Looks } from './looks.ts'
import type { Mutes } from './mutes.ts'
import type { Retention } from './retention.ts'
import type { RunStore, RunTransaction } from './run-store.ts'
import type { Tokens } from './tokens.ts'

/** What a controller keeps beside its runs. */
export interface ControllerBooks {
  identity: Identity
  tokens: Tokens
  firstWords: FirstWords
  mutes: Mutes
  looks: Looks
  freeze: Freezes
  audit: Audit
  operations: IssuedOperations
  retention: Retention
  /** `createRun` and `append` add an entry of kind `run` by themselves: the run without its input and plan. */
  feed: Feed
}

/** All that a controller keeps, within one transaction. */
export interface ControllerTransaction extends RunTransaction, ControllerBooks {}

/** The store of a controller. The books that it has itself take a transaction of their own for each call. */
export interface ControllerStore extends RunStore, ControllerBooks {
  transaction<T>(work: (transaction: ControllerTransaction) => Promise<T>): Promise<T>
  /**
   * Why this is taken for a copy of another store, or an older state of it: a controller changes nothing then, until it has
   * taken over by name. Undefined for the original, and once it is claimed.
   */
  copyBecause(): string | undefined
  /** Called after each commit that has added to the feed. The function that comes back ends it. */
  onFeed(listener: () => void): () => void
  /** Writes a whole copy into a file that does not exist yet; transactions wait meanwhile. Whoever opens it sees that it is one. */
  backup(path: string): Promise<void>
  /** Aborted when this process has lost the store to another one: it can only end. */
  readonly lost: AbortSignal
  close(): Promise<void>
}
