import { readdirSync, readFileSync } from 'node:fs'
import { NotPermitted } from '../../domain/errors.ts'
import type { Storage } from '../../domain/ports/storage.ts'
import type { ZfsVersion } from '../../domain/zfs-version.ts'
import type { Executor } from '../agent/executor-client.ts'
import type { Exec } from '../system/exec.ts'
import { listDatasets } from './datasets.ts'
import { listHolds } from './holds.ts'
import { type KstatFiles, readArc, readPoolStates } from './kstats.ts'
import { partOf } from '../../domain/read-in-part.ts'
import { readPoolStatus } from './pool-status.ts'
import { poolStatusArgs } from './pool-status-args.ts'
import { readScanSetups, scrubExtents } from './scrub-extents.ts'
import { listPoolsWithSpace } from './pools.ts'
import { withSitOuts } from './sit-outs.ts'
import { listSnapshots } from './snapshots.ts'
import { readZfsVersion } from './version.ts'
import { running } from './zfs-failures.ts'

/** ZFS on this machine, by its own programs. What needs root goes through the executor, where there is one. */
export function localStorage(options: {
  exec: Exec
  executor: Executor | undefined
  isRoot: boolean
  /** Where kstats are read; the kernel's own by default. */
  files?: KstatFiles
}): Storage {
  const { exec, executor, isRoot, files = { readdirSync, readFileSync } } = options
  // The version decides how output is asked for. An upgrade shows at the next `version()`, which the observer calls.
  let known: ZfsVersion | undefined
  const version = async (signal?: AbortSignal) => {
    known = await readZfsVersion(exec, signal)
    return known
  }
  const withExtents = scrubExtents((pool, signal) =>
    isRoot || executor === undefined ? readScanSetups(exec, pool, { signal }) : executor.scanSetups(pool, signal),
  )
  const statusText = async (json: boolean, signal?: AbortSignal) => {
    if (executor !== undefined && !isRoot) {
      try {
        return await executor.poolStatus({ json }, signal)
      } catch (error) {
        // Without the executor, less is seen: the count of damaged files, not their names. `privileges` tells it.
        if (!(error instanceof NotPermitted)) throw error
      }
    }
    return running(exec, 'zpool', poolStatusArgs({ json, errors: isRoot }), signal)
  }
  return {
    version,
    async poolStatus(signal) {
      const { features, userland } = known ?? (await version(signal))
      const { read, conclude } = await partOf(
        readPoolStatus(() => statusText(features.json, signal), { exec, features }, signal),
      )
      const statuses = await withSitOuts(exec, userland, read, signal)
      const hasHistory = features.json && (isRoot || executor !== undefined)
      return conclude(hasHistory ? await withExtents(statuses, signal) : statuses)
    },
    pools: (signal) => listPoolsWithSpace(exec, signal),
    datasets: (ofStores, signal) => listDatasets(exec, ofStores, signal),
    snapshots: (dataset, signal) => listSnapshots(exec, dataset, signal),
    async holds(snapshots, signal) {
      const { userland } = known ?? (await version(signal))
      return listHolds(exec, { userland, snapshots }, signal)
    },
    // Synchronous on purpose: kstats never block, and an asynchronous read could queue behind a hanging one.
    poolStates: async () => readPoolStates(files),
    arc: async () => readArc(files),
  }
}
