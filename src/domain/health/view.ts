import type { Fleet, HostDeclaration } from '../fleet.ts'
import type { HostObservation, MachineObservation, Reading, StoreObservation, ZfsObservation } from '../observation.ts'
import type { ClusterPlacement } from '../placement/cluster-placement.ts'
import { age, type Duration, Instant } from '../units.ts'
import { madeOnce } from './while-judging.ts'

/** How it went to ask one host's agent. */
export type Contact =
  | { state: 'answered'; observation: HostObservation; receivedAt: Instant; took: Duration }
  | { state: 'unreachable'; error: string; hint?: string | undefined; at: Instant }

/** One declared host, and what its agent said. */
export interface HostView {
  declaration: HostDeclaration
  contact: Contact
}

/** What checks look at: the fleet as declared, and the hosts as observed, at one moment. */
export interface FleetView {
  at: Instant
  fleet: Fleet
  hosts: readonly HostView[]
  /** How the pins of each cluster stand; only of clusters whose pins somebody indexes. Absent: nobody was asked. */
  placements?: readonly ClusterPlacement[]
}

/** A host that has answered, with its clock as it must stand now: ages are never differences between two clocks. */
export interface AnsweredHost {
  name: string
  declaration: HostDeclaration
  observation: HostObservation
  /** Now, on the host's own clock. */
  now: Instant
}

/** The hosts whose agents have answered; what is wrong with the others is the business of AGENT_UNREACHABLE alone. */
export const answered: (view: FleetView) => AnsweredHost[] = madeOnce(makeAnswered)

function makeAnswered(view: FleetView): AnsweredHost[] {
  return view.hosts.flatMap(({ declaration, contact }) =>
    contact.state === 'answered'
      ? [
          {
            name: declaration.name,
            declaration,
            observation: contact.observation,
            now: Instant.parse(contact.observation.answeredAt + age(contact.receivedAt, view.at)),
          },
        ]
      : [],
  )
}

/** A reading with the name people know it by. */
export interface NamedReading {
  /** `zpool status`, `Cluster peer`: what was looked at. */
  what: string
  /** The store it belongs to; undefined for the host itself and its ZFS. */
  store: string | undefined
  reading: Reading<unknown>
}

/** What people call the readings. */
const names = {
  machine: {
    facts: 'host',
    services: 'services',
    installed: 'what is installed',
    boot: 'boot',
    filesystems: 'file systems',
    disks: 'disks',
    io: 'disk activity',
    smart: 'SMART',
  },
  zfs: {
    privileges: 'privileges',
    version: 'OpenZFS version',
    poolStates: 'pool states',
    poolStatus: 'pool status',
    pools: 'pools',
    datasets: 'datasets',
    errorHistory: 'history of disk errors',
    arc: 'ARC',
  },
  store: {
    peer: 'Cluster peer',
    pins: 'pins in trouble',
    kubo: 'Kubo',
    pinset: 'pin index',
    metrics: 'metrics of the peer',
    clusterSettings: 'settings of the Cluster peer',
    kuboSettings: 'settings of Kubo',
    kuboProcess: 'process of Kubo',
    exposure: 'listening services',
  },
} as const satisfies {
  machine: Record<keyof MachineObservation, string>
  zfs: Record<keyof ZfsObservation, string>
  store: Record<Exclude<keyof StoreObservation, 'name'>, string>
}

/** Every reading of one observation, for checks about looking itself. */
export function readings({ machine, zfs, storeObservations }: HostObservation): NamedReading[] {
  return [
    ...(zfs === null ? [] : named(zfs, names.zfs, undefined)),
    ...named(machine, names.machine, undefined),
    ...storeObservations.flatMap(({ name, ...some }) => named(some, names.store, name)),
  ]
}

function named(
  some: Readonly<Record<string, Reading<unknown> | null>>,
  called: Readonly<Record<string, string>>,
  store: string | undefined,
): NamedReading[] {
  return Object.entries(called).flatMap(([key, what]) => {
    const reading = some[key] ?? null
    return reading === null ? [] : [{ what, store, reading }]
  })
}
