import type { Duration, Instant } from '../units.ts'
import type { Assessment } from './assessment.ts'

/** How the pins of one cluster stand, by the pinset of one of its peers. */
export type ClusterPlacement =
  | {
      state: 'known'
      cluster: string
      /** The store whose index was asked: `n1/hot`. */
      by: string
      /** How old its lists are, and how long the answer took. */
      age: Duration
      took: Duration
      assessment: Assessment
      /** Peers whose copies are not known, one sentence each. */
      unsure: readonly string[]
      /** Stores with so many pins out of order that their indexes do not keep all of them by name. */
      unverified: readonly string[]
      /** How many peers have another pinset than the one that was asked. */
      others: number
      /** The pins that those have otherwise, as they have them; absent where they were not looked into. */
      differing?: Assessment
      /** Which reading of the lists was asked; absent where the agent does not say. */
      readAt?: Instant | undefined
    }
  | { state: 'unknown'; cluster: string; reason: string }
