import type { ArcSample } from '../domain/arc.ts'
import {
  apiVersion,
  type HostObservation,
  type Reading,
  type StoreObservation,
  type ZfsObservation,
} from '../domain/observation.ts'
import type { PoolStatus } from '../domain/pool-status.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts, StorePorts } from '../domain/ports/host.ts'
import type { Storage } from '../domain/ports/storage.ts'
import type { ProbeTiming } from '../domain/probe.ts'
import { age, type Instant, milliseconds, minutes, seconds } from '../domain/units.ts'
import { lookAtMetrics } from './look-at-metrics.ts'
import { lookAtPeer } from './look-at-peer.ts'
import { inTrouble, lookAtPins } from './look-at-pins.ts'
import { errorHistoryKeeper } from './error-history.ts'
import { machineProbes } from './machine-probes.ts'
import { createProbe, type Probe, type ProbesOf } from './probe.ts'

/** Looks at one host through its ports, in the background or once, and answers from memory. */
export interface Observer {
  /** Every probe by its own period, until the function that comes back is called. */
  start(): () => void
  /** Every probe once, side by side; the ARC and the disks twice, a second apart. */
  once(): Promise<void>
  /** What is known now. Never waits. */
  observation(): HostObservation
}

/** A good look within its period, of a probe whose period is five minutes or more. */
const isFresh = ({ every, last, trouble }: Reading<unknown>, now: Instant): boolean =>
  every >= minutes(5) && trouble === null && last !== null && age(last.at, now) < every

/** Two ARC samples that lie closer together than this say too little. */
const arcApart = seconds(1)

export function createObserver(options: {
  host: HostPorts
  timing: ProbeTiming
  clock: Clock
  tiercelVersion: string
}): Observer {
  const { host, timing, clock, tiercelVersion } = options
  const startedAt = clock.now()
  const machine = machineProbes(host, timing, clock)
  const zfs = host.storage === undefined ? undefined : zfsProbes(host, host.storage, timing, clock)
  const stores = host.stores.map((store) => ({
    name: store.declaration.name,
    probes: storeProbes(store, timing, clock),
  }))
  const probes = [machine, ...(zfs === undefined ? [] : [zfs]), ...stores.map((store) => store.probes)]
    .flatMap((some) => Object.values<Probe<unknown> | undefined>(some))
    .filter((probe) => probe !== undefined)

  const pairs: Probe<unknown>[] = [machine.io, ...(zfs === undefined ? [] : [zfs.arc])]

  return {
    start() {
      const stops = probes.map((probe) => probe.start())
      return () => {
        for (const stop of stops) stop()
      }
    },

    async once() {
      // What changes seldom (SMART, the packages) is not asked for again while it is fresh: a live view looks every second.
      const due = probes.filter(({ reading }) => !isFresh(reading, clock.now()))
      const looks = due.map((probe) => probe.look())
      // What is told by two samples is looked at twice.
      looks.push(
        (async () => {
          await Promise.all(pairs.map((probe) => probe.look()))
          await new Promise<void>((resolve) => {
            // A timer can be a millisecond early by the clock that stamps the samples (measured: one time in ten).
            clock.after(milliseconds(arcApart + 50), resolve)
          })
          await Promise.all(pairs.map((probe) => probe.look()))
        })(),
      )
      await Promise.all(looks)
    },

    observation() {
      return structuredClone({
        apiVersion,
        host: host.name,
        tiercelVersion,
        startedAt,
        answeredAt: clock.now(),
        stores: host.stores.map(({ declaration }) => declaration),
        machine: {
          facts: machine.facts.reading,
          services: machine.services.reading,
          installed: machine.installed.reading,
          boot: machine.boot.reading,
          filesystems: machine.filesystems.reading,
          disks: machine.disks.reading,
          io: machine.io.reading,
          smart: machine.smart?.reading ?? null,
        },
        zfs:
          zfs === undefined
            ? null
            : {
                version: zfs.version.reading,
                privileges: zfs.privileges.reading,
                poolStates: zfs.poolStates.reading,
                poolStatus: zfs.poolStatus.reading,
                pools: zfs.pools.reading,
                datasets: zfs.datasets.reading,
                arc: zfs.arc.reading,
                errorHistory: zfs.errorHistory.reading,
              },
        storeObservations: stores.map(({ name, probes: { peer, pins, kubo, pinset, ...more } }): StoreObservation => ({
          name,
          peer: peer?.reading ?? null,
          pins: pins?.reading ?? null,
          kubo: kubo?.reading ?? null,
          metrics: more.metrics?.reading ?? null,
          clusterSettings: more.clusterSettings?.reading ?? null,
          kuboSettings: more.kuboSettings?.reading ?? null,
          kuboProcess: more.kuboProcess?.reading ?? null,
          exposure: more.exposure?.reading ?? null,
          pinset: pinset?.reading ?? null,
        })),
      })
    },
  }
}

function zfsProbes(host: HostPorts, storage: Storage, timing: ProbeTiming, clock: Clock): ProbesOf<ZfsObservation> {
  const errors = errorHistoryKeeper()
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
        const statuses = await storage.poolStatus(signal)
        errors.note(statuses, clock.now())
        return statuses.map(bounded)
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

function storeProbes(
  { declaration, pinning, content, daemons, pinIndex }: StorePorts,
  timing: ProbeTiming,
  clock: Clock,
): ProbesOf<Omit<StoreObservation, 'name'>> {
  return {
    peer:
      pinning &&
      createProbe({
        source: `GET /id (Cluster of ${declaration.name})`,
        timing: timing.cluster,
        clock,
        look: lookAtPeer(pinning, clock),
      }),
    pins:
      pinning &&
      createProbe({
        source: `GET /pins?local=true&filter=${inTrouble.join(',')} (Cluster of ${declaration.name})`,
        timing: timing.pins,
        clock,
        look: lookAtPins(pinning),
      }),
    metrics:
      pinning &&
      createProbe({
        source: `GET /monitor/metrics (Cluster of ${declaration.name})`,
        timing: timing.metrics,
        clock,
        look: lookAtMetrics(pinning, clock),
      }),
    clusterSettings:
      daemons.clusterSettings &&
      createProbe({
        source: `service.json and environment (Cluster of ${declaration.name})`,
        timing: timing.settings,
        clock,
        look: daemons.clusterSettings,
      }),
    kuboSettings:
      content &&
      createProbe({
        source: `POST /api/v0/config (Kubo of ${declaration.name})`,
        timing: timing.settings,
        clock,
        look: (signal) => content.settings(signal),
      }),
    kuboProcess:
      content &&
      createProbe({
        source: `/proc/PID/cmdline (Kubo of ${declaration.name})`,
        timing: timing.settings,
        clock,
        look: (signal) => daemons.kuboProcess(signal),
      }),
    exposure:
      pinning || content
        ? createProbe({
            source: `/proc/net/tcp, and requests to this host (${declaration.name})`,
            timing: timing.settings,
            clock,
            look: (signal) => daemons.exposure(signal),
          })
        : undefined,
    kubo:
      content &&
      createProbe({
        source: `POST /api/v0/id (Kubo of ${declaration.name})`,
        timing: timing.kubo,
        clock,
        look: (signal) => content.self(signal),
      }),
    pinset:
      pinIndex &&
      createProbe({
        source: `pin index of ${declaration.name} (GET /allocations, GET /pins?local=true, Kubo pin/ls)`,
        timing: timing.pinset,
        clock,
        look: (signal) => pinIndex.summary(signal),
      }),
  }
}

/** More files than anybody reads; the count tells how many there are. What an observation carries must stay bounded. */
const maxDamagedPaths = 1000

function bounded(status: PoolStatus): PoolStatus {
  const { count, paths } = status.dataErrors
  return paths.length <= maxDamagedPaths
    ? status
    : { ...status, dataErrors: { count, paths: paths.slice(0, maxDamagedPaths) } }
}
