import { placeOfStore, presentOf, type StoreOnHost, storesOf } from '../health/stores-of-host.ts'
import type { Place } from '../health/finding.ts'
import { isStale } from '../health/staleness.ts'
import { answered, type FleetView } from '../health/view.ts'
import type { PinException, PinsetSummary } from '../pins/pinset-summary.ts'
import { durationText } from '../text-units.ts'
import { age, type Duration } from '../units.ts'

/** One declared peer of a cluster, and what is known of its copies. */
export interface Member {
  /** Its ID, as allocations name it; `HOST/STORE` where nobody knows it. */
  peer: string
  /** Why that may not be its ID, in words; absent where what is declared and what was seen agree. */
  doubt?: string | undefined
  /** `n1/hot`; the name of a peer outside the fleet. */
  called: string
  /** Undefined for a peer outside the fleet. */
  host: string | undefined
  store: string | undefined
  where: Place
  /** `n1/hot-tier`, for every pool that a file says it lies on. */
  pools: readonly string[]
  /** The Kubo that it pins into, by the word of the peer. */
  kubo: string | undefined
  /** Whether its copies can be read now: `down`, they cannot; `unknown`, nobody can say. */
  reach: 'reachable' | 'down' | 'unknown'
  /** Why not, in words; empty when it is reachable. */
  reason: string
  /** From its own pin index; undefined where there is none, or none that stands for the present. */
  lists:
    | {
        summary: PinsetSummary
        age: Duration
        /** All exceptions that the index keeps by name, where the summary has only the first few. */
        exceptions?: readonly PinException[]
        /** The pins that these lists have otherwise than those that are judged; undefined where they lack one. */
        unmet?: ReadonlyMap<string, OtherVersion | undefined>
      }
    | undefined
  /** Why there are no lists, in words; undefined where there are, or where nobody keeps an index. */
  noLists: string | undefined
}

/** A pin as the lists of one peer have it, where others have it otherwise. */
export interface OtherVersion {
  digest: string
  /** Whether that peer is to hold it. */
  isHeld: boolean
}

/** Every declared peer of a cluster: the stores of the fleet file, those that only their host knows, and the peers outside. */
export function membersOf(view: FleetView, cluster: string): Member[] {
  const hosts = new Map(answered(view).map((host) => [host.name, host]))
  const stores = view.fleet.hosts.flatMap((declaration): Member[] => {
    const host = hosts.get(declaration.name)
    return host === undefined
      ? declaration.stores.flatMap((store) =>
          store.cluster === cluster ? [silentMember(declaration.name, store)] : [],
        )
      : storesOf(host).flatMap((store) => (store.cluster === cluster ? [memberOf(store, view)] : []))
  })
  const outside = view.fleet.clusters.find(({ name }) => name === cluster)?.peers ?? []
  return doubtingTwins([
    ...stores,
    ...outside.map(({ id, name = id }): Member => ({
      peer: id,
      called: name,
      host: undefined,
      store: undefined,
      where: { kind: 'peer', cluster },
      pools: [],
      kubo: undefined,
      reach: 'unknown',
      reason: 'it is no store of this fleet',
      lists: undefined,
      noLists: undefined,
    })),
  ])
}

/** Of several that are said to be one peer, at most one is: nobody knows which. */
function doubtingTwins(members: Member[]): Member[] {
  const counts = new Map<string, number>()
  for (const { peer } of members) counts.set(peer, (counts.get(peer) ?? 0) + 1)
  return members.map((member) =>
    (counts.get(member.peer) ?? 0) < 2
      ? member
      : { ...member, doubt: member.doubt ?? `others are said to be the peer ${member.peer} too` },
  )
}

type Declared = FleetView['fleet']['hosts'][number]['stores'][number]

function silentMember(host: string, { name, peer, pool, cluster }: Declared): Member {
  return {
    peer: peer ?? `${host}/${name}`,
    doubt: peer === undefined ? 'nobody knows the ID of its peer' : undefined,
    called: `${host}/${name}`,
    host,
    store: name,
    where: { kind: 'store', host, store: name, cluster },
    pools: pool === undefined ? [] : [`${host}/${pool}`],
    kubo: undefined,
    reach: 'unknown',
    reason: `the agent of ${host} does not answer`,
    lists: undefined,
    noLists: undefined,
  }
}

function memberOf(store: StoreOnHost, view: FleetView): Member {
  const { host, name, declared, observed } = store
  const last = observed?.peer?.last?.value
  const called = `${host.name}/${name}`
  return {
    ...identityOf([last?.id, observed?.pinset?.last?.value.peer], declared?.peer, called),
    called,
    host: host.name,
    store: name,
    where: placeOfStore(store, 'store'),
    pools: store.pools.map((pool) => `${host.name}/${pool}`),
    kubo: last === undefined || last.kubo.id === '' ? observed?.kubo?.last?.value.id : last.kubo.id,
    ...reachOf(store),
    ...listsOf(store, view),
  }
}

/** Who a peer is, by the fleet file and by what was seen of it. One that was set up anew has another ID than before. */
export function identityOf(
  seen: readonly (string | undefined)[],
  declared: string | undefined,
  called: string,
): Pick<Member, 'peer' | 'doubt'> {
  const known = [...new Set(seen.filter((id) => id !== undefined))]
  const [first] = known
  const peer = declared ?? first ?? called
  if (declared === undefined && first === undefined) return { peer, doubt: 'nobody knows the ID of its peer' }
  const other = known.find((id) => id !== peer)
  if (other === undefined) return { peer, doubt: undefined }
  return {
    peer,
    doubt:
      declared === undefined
        ? `its peer has been ${peer} and ${other}`
        : `the fleet file declares its peer as ${declared}, and it is ${other}`,
  }
}

/** Copies are read from Kubo, which lies on the pool. The Cluster peer beside it costs no copy. */
function reachOf({ host, observed, pools }: StoreOnHost): Pick<Member, 'reach' | 'reason'> {
  const states = host.observation.zfs === null ? undefined : presentOf(host.observation.zfs.poolStates, host)
  const lost = pools.find((pool) => {
    const state = states !== undefined && Object.hasOwn(states, pool) ? states[pool] : undefined
    return state === 'SUSPENDED' || state === 'FAULTED' || state === 'UNAVAIL'
  })
  if (lost !== undefined) return { reach: 'down', reason: `its pool ${lost} cannot be used` }
  const kubo = observed?.kubo
  if (kubo === undefined || kubo === null) return { reach: 'unknown', reason: 'no address of its Kubo is given' }
  if (kubo.trouble !== null) {
    const isDown = kubo.trouble.kind === 'unreachable' || kubo.trouble.kind === 'stuck'
    return { reach: isDown ? 'down' : 'unknown', reason: 'its Kubo does not answer as it should' }
  }
  if (kubo.last === null || isStale(kubo, host.now))
    return { reach: 'unknown', reason: 'its Kubo was not looked at lately' }
  return { reach: 'reachable', reason: '' }
}

const nothing = (noLists?: string): Pick<Member, 'lists' | 'noLists'> => ({ lists: undefined, noLists })

function listsOf({ host, observed, declared }: StoreOnHost, { fleet }: FleetView): Pick<Member, 'lists' | 'noLists'> {
  const index = observed?.pinset
  if (index === undefined || index === null) return nothing()
  if (index.last === null) return nothing(index.trouble?.message ?? 'its lists were not read yet')
  const summary = index.last.value
  if (declared?.peer !== undefined && summary.peer !== declared.peer)
    return nothing('its lists are those of another peer')
  const old = age(summary.readAt, host.now)
  if (old > fleet.checks.placement.listsMaxAge || isStale(index, host.now)) {
    return nothing(`its lists are ${durationText(old)} old`)
  }
  return { lists: { summary, age: old }, noLists: undefined }
}
