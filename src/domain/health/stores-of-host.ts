import type { LocalStore, StoreDeclaration } from '../fleet.ts'
import type { Reading, StoreObservation } from '../observation.ts'
import type { Place } from './finding.ts'
import { isStale } from './staleness.ts'
import type { AnsweredHost } from './view.ts'
import { madeOnce } from './while-judging.ts'

/** One store of a host that has answered: as the fleet file declares it, as the host knows it, and what was seen of it. */
export interface StoreOnHost {
  name: string
  host: AnsweredHost
  declared: StoreDeclaration | undefined
  local: LocalStore | undefined
  observed: StoreObservation | undefined
  /** By the fleet file; by the host where the fleet file has no such store. */
  tier: string
  cluster: string
  /** Every pool that either side says the store is on; more than one is a DECLARATION_MISMATCH. */
  pools: readonly string[]
  datasets: readonly string[]
}

/** The stores that the fleet file or the host itself declares, in that order. */
export const storesOf: (host: AnsweredHost) => StoreOnHost[] = madeOnce(makeStores)

function makeStores(host: AnsweredHost): StoreOnHost[] {
  const { stores, storeObservations } = host.observation
  const declarations = host.declaration.stores
  const names = new Set([...declarations, ...stores].map(({ name }) => name))
  return [...names].flatMap((name) => {
    const declared = declarations.find((store) => store.name === name)
    const local = stores.find((store) => store.name === name)
    const either = declared ?? local
    if (either === undefined) return []
    return [
      {
        name,
        host,
        declared,
        local,
        observed: storeObservations.find((store) => store.name === name),
        tier: either.tier,
        cluster: either.cluster,
        pools: known(declared?.pool, local?.pool),
        datasets: known(declared?.dataset, local?.dataset),
      },
    ]
  })
}

/** Where a finding on a store, or on one of its daemons, belongs. */
export function placeOfStore({ name, host, cluster }: StoreOnHost, kind: Place['kind']): Place {
  return { kind, host: host.name, store: name, cluster }
}

function known(...values: (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))]
}

/** What a reading says of the present: nothing while looking fails, or when the last good look is too old. */
export function presentOf<T>(reading: Reading<T> | null | undefined, { now }: AnsweredHost): T | undefined {
  if (reading === null || reading === undefined || reading.last === null) return undefined
  return reading.trouble !== null || isStale(reading, now) ? undefined : reading.last.value
}
