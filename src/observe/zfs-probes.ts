import type { ArcSample } from '../domain/arc.ts'
import type { ZfsObservation } from '../domain/observation.ts'
import type { PoolStatus } from '../domain/pool-status.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import type { Storage } from '../domain/ports/storage.ts'
import { partOf } from '../domain/read-in-part.ts'
import type { ProbeTiming } from '../domain/probe.ts'
import { age, type Instant, seconds } from '../domain/units.ts'
import { damageKeeper } from './damage-keeper.ts'
import { errorHistoryKeeper } from './error-history.ts'
import { createProbe, type ProbesOf } from './probe.ts'

/** Two ARC samples that lie closer together than this say too little. */
export const arcApart = seconds(1)

/** What is looked at on a host with ZFS. */
export function zfsProbes(
  host: HostPorts,
  storage: Storage,
  timing: ProbeTiming,
  clock: Clock,
): ProbesOf<ZfsObservation> {
  const errors = errorHistoryKeeper()
  const damage = damageKeeper(host.damageNotes)
  return {
    version: createProbe({
      source: 'zpool version',
      timing: timing.pools,
      clock,
      look: (signal) => storage.version(signal),
    }),
    privileges: createProbe({
      source: 'executor',
      timing: timing.poolStatus,
      clock,
      look: (signal) => host.privileges(signal),
    }),
    poolStates: createProbe({
      source: '/proc/spl/kstat/zfs/*/state',
      timing: timing.kstats,
      clock,
      look: () => storage.poolStates(),
    }),
    poolStatus: createProbe({
      source: 'zpool status -v',
      timing: timing.poolStatus,
      clock,
      look: async (signal) => {
        const began = clock.now()
        const { read, conclude } = await partOf(storage.poolStatus(signal))
        errors.note(read, clock.now())
        return conclude(await damage.note(read.map(bounded), began))
      },
    }),
    pools: createProbe({
      source: 'zpool list',
      timing: timing.pools,
      clock,
      look: (signal) => storage.pools(signal),
    }),
    datasets: createProbe({
      source: 'zfs list',
      timing: timing.datasets,
      clock,
      look: (signal) =>
        storage.datasets(
          host.stores.flatMap(({ declaration }) => declaration.dataset ?? []),
          signal,
        ),
    }),
    arc: createProbe({
      source: '/proc/spl/kstat/zfs/arcstats',
      timing: timing.kstats,
      clock,
      look: arcPair(storage, clock),
    }),
    errorHistory: createProbe({
      source: 'zpool status, as it was looked at over a day',
      timing: timing.poolStatus,
      clock,
      look: async () => errors.history(),
    }),
  }
}

/** Looks at the ARC, and gives the newest two samples that lie far enough apart; undefined while there is only one. */
function arcPair(storage: Storage, clock: Clock) {
  let older: { sample: ArcSample; at: Instant } | undefined
  return async () => {
    const sample = await storage.arc()
    const at = clock.now()
    const before = older
    const apart = before === undefined ? undefined : age(before.at, at)
    // Keeping the older sample until the pair is wide enough makes even frequent looks add up to a pair.
    // A clock that was set back would keep it for hours.
    if (before === undefined || at < before.at || (apart !== undefined && apart >= arcApart)) older = { sample, at }
    return before === undefined || apart === undefined || apart < arcApart
      ? undefined
      : { before: before.sample, after: sample, apart }
  }
}

/** More files than anybody reads; the count tells how many there are. What an observation carries must stay bounded. */
const maxDamagedPaths = 1000

function bounded(status: PoolStatus): PoolStatus {
  const { dataErrors } = status
  return dataErrors.paths.length <= maxDamagedPaths
    ? status
    : { ...status, dataErrors: { ...dataErrors, paths: dataErrors.paths.slice(0, maxDamagedPaths) } }
}
