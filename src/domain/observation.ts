import { z } from 'zod'
import { ArcSample } from './arc.ts'
import { ClusterSettings, Endpoint, KuboProcess, KuboSettings, OwnMetrics } from './daemons.ts'
import { Disk } from './disk.ts'
import { Io } from './disk-io.ts'
import { ErrorHistory } from './error-history.ts'
import { DatasetList } from './dataset-list.ts'
import { FileSystem } from './filesystem.ts'
import { LocalStore } from './fleet.ts'
import { Kubo } from './kubo.ts'
import { ObservedPeer, PinTrouble } from './pinning.ts'
import { PinsetSummary } from './pins/pinset-summary.ts'
import { Boot, Installed, MachineFacts, Services } from './machine.ts'
import { Pool } from './pool.ts'
import { PoolState, PoolStatus } from './pool-status.ts'
import { Smart } from './smart.ts'
import { age, Duration, Instant } from './units.ts'
import { ZfsVersion } from './zfs-version.ts'

/** Why the last look of a probe gave nothing, or less than it should. */
export const Trouble = z.object({
  kind: z.enum([
    'failed', // the program or the peer answered with an error
    'unreachable', // nobody answers at the address
    'not-understood', // an answer of a shape that we do not know; the raw text is in `raw`
    'missing-program', // the program is not installed
    'not-permitted', // looked with fewer rights than needed: less is known, or nothing
    'stuck', // still running past its deadline; no second one is started
  ]),
  message: z.string(),
  /** How to permit it, for `not-permitted`; what to install, for `missing-program`. */
  hint: z.string().optional(),
  raw: z.string().optional(),
  /** When this trouble was first met, without a good look since. */
  since: Instant,
  /** The last time. */
  at: Instant,
})
export type Trouble = z.infer<typeof Trouble>

/** What one probe knows: the last good look, and what is wrong with looking. Both may be there at once. */
export interface Reading<T> {
  /** The command or the request, as it is shown to people. */
  source: string
  every: Duration
  deadline: Duration
  last: { value: T; at: Instant; took: Duration } | null
  trouble: Trouble | null
}

const readingOf = <T extends z.ZodType>(value: T) =>
  z.object({
    source: z.string(),
    every: Duration,
    deadline: Duration,
    last: z.object({ value, at: Instant, took: Duration }).nullable(),
    trouble: Trouble.nullable(),
  })

/** With whose rights the host is looked at. `none`: what needs root is not seen. */
export const Privileges = z.object({ by: z.enum(['executor', 'root', 'simulator']) })
export type Privileges = z.infer<typeof Privileges>

/** What is known of ZFS on one host; all readings are there, whether or not they have succeeded yet. */
export const ZfsObservation = z.object({
  version: readingOf(ZfsVersion),
  privileges: readingOf(Privileges),
  /** From kstats: never blocks, also when every `zpool` does. */
  poolStates: readingOf(z.record(z.string(), PoolState)),
  poolStatus: readingOf(z.array(PoolStatus)),
  pools: readingOf(z.array(Pool)),
  /** Kept by who looks, from the looks at `poolStatus`. */
  errorHistory: readingOf(ErrorHistory),
  datasets: readingOf(DatasetList),
  /** The two newest samples that lie at least a second apart. */
  arc: readingOf(z.object({ before: ArcSample, after: ArcSample, apart: Duration })),
})
export type ZfsObservation = z.infer<typeof ZfsObservation>

/** What is known of a host beside its ZFS. */
export const MachineObservation = z.object({
  facts: readingOf(MachineFacts),
  services: readingOf(Services),
  installed: readingOf(Installed),
  boot: readingOf(Boot),
  /** Those with a fixed number of inodes that the host itself writes to. */
  filesystems: readingOf(z.array(FileSystem)),
  disks: readingOf(z.array(Disk)),
  io: readingOf(Io),
  /** null where no store is on ZFS. */
  smart: readingOf(Smart).nullable(),
})
export type MachineObservation = z.infer<typeof MachineObservation>

/** What is known of one store's daemons. */
export const StoreObservation = z.object({
  name: z.string(),
  /** null where the declaration gives no address. */
  peer: readingOf(ObservedPeer).nullable(),
  pins: readingOf(PinTrouble).nullable(),
  kubo: readingOf(Kubo).nullable(),
  metrics: readingOf(OwnMetrics).nullable(),
  /** null where agent.yaml names no folder of the Cluster peer. */
  clusterSettings: readingOf(ClusterSettings).nullable(),
  kuboSettings: readingOf(KuboSettings).nullable(),
  kuboProcess: readingOf(KuboProcess).nullable(),
  exposure: readingOf(z.array(Endpoint)).nullable(),
  /** What the pin index of the store says; null where nobody keeps one: without an agent, or without a Cluster API. */
  pinset: readingOf(PinsetSummary).nullable(),
})
export type StoreObservation = z.infer<typeof StoreObservation>

/** The version of what agents and executors speak. A newer side accepts the version before its own. */
export const apiVersion = 1 as const

/** Everything that one host's agent knows, at one moment, from memory (`GET /v1/observation`). */
export const HostObservation = z.object({
  apiVersion: z.literal(apiVersion),
  host: z.string(),
  tiercelVersion: z.string(),
  startedAt: Instant,
  /** The host's clock when it answered: ages are differences on this clock. */
  answeredAt: Instant,
  /** What the host itself says it has. */
  stores: z.array(LocalStore.strip()),
  machine: MachineObservation,
  /** null where no store is on ZFS. */
  zfs: ZfsObservation.nullable(),
  storeObservations: z.array(StoreObservation),
})
export type HostObservation = z.infer<typeof HostObservation>

/** How old the last good look is; undefined when there was none. */
export function readingAge(reading: Reading<unknown>, now: Instant): Duration | undefined {
  return reading.last === null ? undefined : age(reading.last.at, now)
}
