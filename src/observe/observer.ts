import {
  apiVersion,
  type HostObservation,
  type Reading,
  type StoreObservation,
  type ZfsObservation,
} from '../domain/observation.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { HostPorts } from '../domain/ports/host.ts'
import type { ProbeTiming } from '../domain/probe.ts'
import { age, type Instant, milliseconds, minutes } from '../domain/units.ts'
import { machineProbes } from './machine-probes.ts'
import type { Probe, ProbesOf } from './probe.ts'
import { storeProbes } from './store-probes.ts'
import { arcApart, zfsProbes } from './zfs-probes.ts'

/** Looks at one host through its ports, in the background or once, and answers from memory. */
export interface Observer {
  /** Every probe by its own period, until the function that comes back is called. */
  start(): () => void
  /** Every probe once, side by side; the ARC and the disks twice, a second apart. */
  once(): Promise<void>
  /** What is known now. Never waits. */
  observation(): HostObservation
  /** The probes of its ZFS, to be asked at once; undefined where no store is on ZFS. */
  readonly zfs: ProbesOf<ZfsObservation> | undefined
}

/** A good look within its period, of a probe whose period is five minutes or more. */
const isFresh = ({ every, last, trouble }: Reading<unknown>, now: Instant): boolean =>
  every >= minutes(5) && trouble === null && last !== null && age(last.at, now) < every

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
    zfs,
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
