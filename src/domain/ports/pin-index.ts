import type { Pin } from '../pinning.ts'
import type { IndexedPin, PinRecord } from '../pins/indexed-pin.ts'
import type { PackedGroups } from '../pins/packed-groups.ts'
import type { PinGroup } from '../pins/pin-group.ts'
import type { PinException, PinExceptionKind, PinsetSummary } from '../pins/pinset-summary.ts'
import type { NodeSums } from '../pins/digest-tree.ts'

/**
 * What is known of the pins of one store, from the lists of its own Cluster peer and Kubo, without asking them again. All
 * answers but `allocation` stand for the moment `summary().readAt`. Implementations: the files of an agent, an agent
 * asked from afar, and the simulator.
 */
export interface PinIndex extends PinReadings {
  /** Rejects where there is none yet, or where the last reading of the lists has failed: old figures do not pass for new ones. */
  summary(signal?: AbortSignal): Promise<PinsetSummary>
  /**
   * Several answers from one reading of the lists, whatever takes its place meanwhile. `use` may be called again where that
   * cannot be had otherwise; rejects as `summary` does.
   */
  snapshot<T>(use: (generation: PinSnapshot) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** One pin as the peer itself has it now (`GET /allocations/CID`); undefined where the pinset has none such. */
  allocation(cid: string, signal?: AbortSignal): Promise<Pin | undefined>
  /** Reads the lists anew, without throttle, and resolves when the new index is in place. One that runs already is waited for. */
  refresh(signal?: AbortSignal): Promise<PinsetSummary>
}

/** One reading of the lists. */
export interface PinSnapshot extends PinReadings {
  readonly summary: PinsetSummary
  /** What `groups` gives, as it is kept: for who goes through all of it. Others of the process get their turn in between. */
  packedGroups(signal?: AbortSignal): AsyncIterable<PackedGroups>
}

/** What can be asked of a reading of the lists. */
export interface PinReadings {
  /**
   * The whole pinset, as groups of pins with the same holders and the same wish. A group may come in parts: their counts add
   * up. Streams: with 1,000 peers, there are nearly as many groups as pins.
   */
  groups(signal?: AbortSignal): AsyncIterable<PinGroup>
  /** Those that are kept by name, all kinds or one; the summary has their counts. */
  exceptions(kind?: PinExceptionKind, signal?: AbortSignal): AsyncIterable<PinException>
  /**
   * Sums of the digest tree. Level 1: the 256 children of the root, `prefixes` is empty. Level 2: the 256 children of each
   * node of level 1 that `prefixes` names (0 to 255).
   */
  nodes(level: 1 | 2, prefixes: readonly number[], signal?: AbortSignal): Promise<NodeSums[]>
  /** The pins of some leaves of the tree (0 to 65,535), in the order of their keys. */
  records(buckets: readonly number[], signal?: AbortSignal): Promise<PinRecord[]>
  /** One pin as the index has it; undefined where the pinset had none such. */
  pin(cid: string, signal?: AbortSignal): Promise<IndexedPin | undefined>
}
