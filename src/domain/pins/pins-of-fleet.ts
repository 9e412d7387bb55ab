import { answered, type FleetView } from '../health/view.ts'
import { storesOf } from '../health/stores-of-host.ts'
import type { Reading } from '../observation.ts'
import { age, type Duration, type Instant } from '../units.ts'
import type { PinsetSummary } from './pinset-summary.ts'

/** What is known of the pins of one store, and how old that is by the clock of its host. */
export interface PinsOfStore {
  /** `n1/hot` */
  store: string
  host: string
  name: string
  cluster: string
  tier: string
  /** Undefined where there is none: `trouble` says why. */
  summary: PinsetSummary | undefined
  /** How long ago the lists were read. */
  age: Duration | undefined
  /** Now, on the clock of the host. */
  now: Instant
  /** Whether somebody keeps an index of it at all. */
  isKept: boolean
  /** What is wrong with looking; the summary, where there is one, is then of an earlier time. */
  trouble: string | undefined
}

/** One line for every store of the fleet that has answered and has a Cluster peer; a cluster's stores stand together. */
export function pinsOfFleet(view: FleetView): PinsOfStore[] {
  return answered(view)
    .flatMap((host) =>
      storesOf(host).flatMap(({ name, cluster, tier, declared, local, observed }): PinsOfStore[] => {
        const reading = observed?.pinset ?? null
        if (reading === null && (declared?.clusterApi ?? local?.clusterApi) === undefined) return []
        const summary = reading?.last?.value
        return [
          {
            store: `${host.name}/${name}`,
            host: host.name,
            name,
            cluster,
            tier,
            now: host.now,
            isKept: reading !== null,
            summary,
            age: summary === undefined ? undefined : age(summary.readAt, host.now),
            trouble: troubleOf(reading),
          },
        ]
      }),
    )
    .toSorted((a, b) => (a.cluster < b.cluster ? -1 : a.cluster > b.cluster ? 1 : 0))
}

function troubleOf(reading: Reading<PinsetSummary> | null): string | undefined {
  if (reading === null)
    return 'no agent keeps an index of its pins (this takes an agent on the host: tiercel agent install)'
  if (reading.trouble !== null) return reading.trouble.message
  return reading.last === null ? 'not read yet' : undefined
}
