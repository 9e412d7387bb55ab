import type { Reading, Trouble } from '../observation.ts'
import type { Place } from './finding.ts'
import { type AnsweredHost, answered, type FleetView, type NamedReading, readings } from './view.ts'
import { madeOnce } from './while-judging.ts'

/** The readings of one place: a host with its ZFS, or the daemons of one store. Findings about looking are per place. */
export interface ReadingsOfPlace {
  host: AnsweredHost
  /** `n1` or `n1/hot` */
  subject: string
  /** For sentences: `host n1`, `store hot on n1`. */
  called: string
  place: Place
  readings: readonly NamedReading[]
}

/** All readings of the hosts that have answered, by place. */
export const readingsIn: (view: FleetView) => ReadingsOfPlace[] = madeOnce(makeReadings)

function makeReadings(view: FleetView): ReadingsOfPlace[] {
  return answered(view).flatMap((host) => {
    const { name, observation } = host
    const all = readings(observation)
    const ofHost = {
      host,
      subject: name,
      called: `host ${name}`,
      place: { kind: 'host' as const, host: name },
      readings: all.filter(({ store }) => store === undefined),
    }
    const stores = new Set(all.flatMap(({ store }) => (store === undefined ? [] : [store])))
    return [
      ofHost,
      ...[...stores].map((store) => ({
        host,
        subject: `${name}/${store}`,
        called: `store ${store} on ${name}`,
        place: { kind: 'store' as const, host: name, store },
        readings: all.filter((reading) => reading.store === store),
      })),
    ]
  })
}

/** A reading in trouble of one of the given kinds. */
export interface TroubledReading extends NamedReading {
  trouble: Trouble
}

export function inTrouble(
  readingsOfPlace: readonly NamedReading[],
  kinds: readonly Trouble['kind'][],
): TroubledReading[] {
  return readingsOfPlace.flatMap((named) => {
    const { trouble } = named.reading
    return trouble !== null && kinds.includes(trouble.kind) ? [{ ...named, trouble }] : []
  })
}

/** The names of readings, for sentences: `pool status, pools`. */
export function namesOf(some: readonly NamedReading[]): string {
  return some.map(({ what }) => what).join(', ')
}

/** What a daemon's own check tells of a failed reading: all but missing rights, which PROBE_NOT_PERMITTED tells. */
export function failureOf(reading: Reading<unknown> | null | undefined): Trouble | undefined {
  const trouble = reading?.trouble ?? undefined
  return trouble?.kind === 'not-permitted' ? undefined : trouble
}
