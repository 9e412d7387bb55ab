import type { ArcSample } from '../arc.ts'
import type { DatasetList } from '../dataset-list.ts'
import type { Pool } from '../pool.ts'
import type { PoolState, PoolStatus } from '../pool-status.ts'
import type { Hold, Snapshot } from '../snapshot.ts'
import type { ZfsVersion } from '../zfs-version.ts'

/**
 * What we ask of ZFS on one host. Reads only; every call may take for ever without its signal, since a `zpool` can hang
 * in the kernel. Implementations: the simulator, and the local programs; an agent's observation answers what it carries.
 */
export interface Storage {
  version(signal?: AbortSignal): Promise<ZfsVersion>
  /** Every imported pool. Data error paths may need rights: then `count` is kept and `paths` is empty. */
  poolStatus(signal?: AbortSignal): Promise<PoolStatus[]>
  pools(signal?: AbortSignal): Promise<Pool[]>
  /**
   * File systems and volumes, as far as they have to do with the datasets of the stores that are named. Those of a suspended
   * pool are silently missing (measured on 2.1.11 and 2.3.2).
   */
  datasets(ofStores: readonly string[], signal?: AbortSignal): Promise<DatasetList>
  /** Of one dataset, oldest first; not those of datasets below it. Rejects where there is no such dataset. */
  snapshots(dataset: string, signal?: AbortSignal): Promise<Snapshot[]>
  /** The tags of some snapshots, by name and tag. Rejects where one of them is not there. */
  holds(snapshots: readonly string[], signal?: AbortSignal): Promise<Hold[]>
  /** From kstats: answers also while every `zpool` hangs. */
  poolStates(): Promise<Record<string, PoolState>>
  arc(): Promise<ArcSample>
}
