import type { Pool } from '../pool.ts'
import type { PoolState, PoolStatus } from '../pool-status.ts'
import { evidenceFrom } from './evidence.ts'
import type { Evidence, Place } from './finding.ts'
import { type StoreOnHost, storesOf } from './stores-of-host.ts'
import { type AnsweredHost, answered, type FleetView } from './view.ts'
import { madeOnce } from './while-judging.ts'

/** One pool of a host: imported there, or declared by one of its stores. */
export interface PoolOnHost {
  name: string
  /** `n1/hot-tier` */
  subject: string
  host: AnsweredHost
  /** The stores on it; empty for a pool that nobody declares. */
  stores: readonly StoreOnHost[]
  /** From `zpool status`, by its last good look. */
  status: PoolStatus | undefined
  /** From `zpool list`. */
  listed: Pool | undefined
  /** Every state that a reading tells of it, each with its evidence. */
  states: readonly { state: PoolState; evidence: Evidence[] }[]
}

/** The pools of every host that has answered, whether declared or merely imported. */
export const poolsIn: (view: FleetView) => PoolOnHost[] = madeOnce((view: FleetView) =>
  answered(view).flatMap((host) => poolsOf(host)),
)

export const poolsOf: (host: AnsweredHost) => PoolOnHost[] = madeOnce(makePools)

function makePools(host: AnsweredHost): PoolOnHost[] {
  const { zfs } = host.observation
  const stores = storesOf(host)
  const statuses = zfs?.poolStatus.last?.value ?? []
  const list = zfs?.pools.last?.value ?? []
  const names = new Set([
    ...stores.flatMap(({ pools }) => pools),
    ...statuses.map(({ name }) => name),
    ...list.map(({ name }) => name),
    ...Object.keys(zfs?.poolStates.last?.value ?? {}),
  ])
  return [...names].map((name) => {
    const status = statuses.find((pool) => pool.name === name)
    const listed = list.find((pool) => pool.name === name)
    return {
      name,
      subject: `${host.name}/${name}`,
      host,
      stores: stores.filter(({ pools }) => pools.includes(name)),
      status,
      listed,
      states: statesOf(host, name, status, listed),
    }
  })
}

/** Where a finding on a pool, or on one of its disks, belongs: with the first store on it. */
export function placeOfPool({ host, stores }: PoolOnHost, kind: 'pool' | 'disk' = 'pool'): Place {
  const [store] = stores
  return store === undefined
    ? { kind, host: host.name }
    : { kind, host: host.name, store: store.name, cluster: store.cluster }
}

/** What would be lost with a pool, for sentences. */
export function held({ stores, host }: PoolOnHost): string {
  if (stores.length === 0) return 'all data on it (no store is declared on it)'
  const names = stores.map(({ name }) => name).join(', ')
  return `the copies of all pins held by ${stores.length === 1 ? 'store' : 'stores'} ${names} on ${host.name}`
}

/** Evidence out of the last `zpool status` of a host. */
export function statusEvidence({ host }: PoolOnHost, values: Readonly<Record<string, Evidence['value']>>): Evidence[] {
  const reading = host.observation.zfs?.poolStatus
  return reading === undefined ? [] : evidenceFrom(reading, host.now, values)
}

/** The kernel's word, `zpool status` (its header and its root row) and `zpool list`; they can differ for one period. */
function statesOf(
  { observation: { zfs }, now }: AnsweredHost,
  name: string,
  status: PoolStatus | undefined,
  listed: Pool | undefined,
): PoolOnHost['states'] {
  if (zfs === null) return []
  const states = zfs.poolStates.last?.value ?? {}
  const kernel = Object.hasOwn(states, name) ? states[name] : undefined
  const root = status === undefined || status.root.state === status.state ? undefined : poolStateOf(status.root.state)
  const seen =
    (reading: typeof zfs.poolStates | typeof zfs.poolStatus | typeof zfs.pools, what: string) =>
    (state: PoolState | undefined) =>
      state === undefined ? [] : [{ state, evidence: evidenceFrom(reading, now, { [what]: state }) }]
  return [
    ...seen(zfs.poolStates, 'state of the pool in the kernel')(kernel),
    ...seen(zfs.poolStatus, 'state of the pool')(status?.state),
    ...seen(zfs.poolStatus, 'state of the whole tree')(root),
    ...seen(zfs.pools, 'health')(listed?.health),
  ]
}

/** The states of spares and of split vdevs are none of a pool: met on its root row they are not understood. */
function poolStateOf(state: PoolStatus['root']['state']): PoolState {
  return state === 'AVAIL' || state === 'INUSE' || state === 'SPLIT' ? 'UNKNOWN' : state
}
