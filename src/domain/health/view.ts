import type { Fleet, HostDeclaration } from '../fleet.ts'
import type { HostObservation, Reading } from '../observation.ts'
import { age, type Duration, Instant } from '../units.ts'

/** How it went to ask one host's agent. */
export type Contact =
  | { state: 'answered'; observation: HostObservation; receivedAt: Instant; took: Duration }
  | { state: 'unreachable'; error: string; hint?: string; at: Instant }

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
export function answered(view: FleetView): AnsweredHost[] {
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
  /** The store it belongs to; undefined for the host's ZFS. */
  store: string | undefined
  reading: Reading<unknown>
}

/** Every reading of one observation, for checks about looking itself. */
export function readings({ zfs, storeObservations }: HostObservation): NamedReading[] {
  const ofZfs: [string, Reading<unknown>][] =
    zfs === null
      ? []
      : [
          ['privileges', zfs.privileges],
          ['OpenZFS version', zfs.version],
          ['pool states', zfs.poolStates],
          ['pool status', zfs.poolStatus],
          ['pools', zfs.pools],
          ['datasets', zfs.datasets],
          ['ARC', zfs.arc],
        ]
  return [
    ...ofZfs.map(([what, reading]) => ({ what, store: undefined, reading })),
    ...storeObservations.flatMap(({ name, peer, pins, kubo }) =>
      (
        [
          ['Cluster peer', peer],
          ['pins in trouble', pins],
          ['Kubo', kubo],
        ] as const
      ).flatMap(([what, reading]) => (reading === null ? [] : [{ what, store: name, reading }])),
    ),
  ]
}
