import { PinStatus } from '../../domain/pinning.ts'
import { DurationText } from '../../domain/text-units.ts'
import { PinRefused } from '../allocate.ts'
import { addPin, recoverPins, removePin } from '../pin-changes.ts'
import {
  canReadPinset,
  describePeer,
  describePinOn,
  failedRemovals,
  isCheap,
  isTrouble,
  kuboState,
  seenBy,
  type SeenPeer,
} from '../pin-view.ts'
import { changedPins, pinOf, type Pinset, pinsetOf, pinsOf } from '../pinset.ts'
import { metricNamesHeardBy, metricsSeenBy } from '../sim-pinning.ts'
import type { SimPin } from '../world.ts'
import type { Landing } from './landing.ts'
import { list, never, nothing, type Reply, value } from './reply.ts'
import {
  wireFailedRemoval,
  wireMetrics,
  wirePeer,
  wirePin,
  wirePinInfo,
  wireSeen,
  wireUnknownPin,
} from './wire-cluster.ts'

const fail = (code: number, message: string): Reply => value({ code, message }, code)
const notFound = (): Reply => fail(404, 'not found')

/** What the REST API of this store's Cluster peer answers (ipfs-cluster 1.1.6). */
export function clusterReply(at: Landing): Reply {
  if (at.path.length > 1 && at.path.endsWith('/')) return { kind: 'redirect', to: at.path.slice(0, -1) }
  const [, first = '', second, third, ...more] = at.path.split('/').map(decodeURIComponent)
  if (more.length > 0) return notFound()
  const routes = routesOf(at, { first, second, third })
  if (routes === undefined) return notFound()
  const answer = routes[at.method]
  return answer === undefined ? { kind: 'nothing', status: 405 } : answer()
}

type Routes = Record<string, () => Reply>

function routesOf(
  at: Landing,
  { first, second, third }: { first: string; second: string | undefined; third: string | undefined },
): Routes | undefined {
  const { world, host, store } = at
  switch ([first, second === undefined ? '' : '*', third ?? ''].join('/')) {
    case 'id//':
      return { GET: () => value(wirePeer(describePeer(world, host, store), seenBy(world, store))) }
    case 'version//':
      return { GET: () => value({ version: store.peer.version }) }
    case 'peers//':
      return { GET: () => list(seenBy(world, store), (seen) => wireSeen(world, seen)) }
    case 'allocations//':
      return { GET: () => fromPinset(at, (pinset) => list(pinsOf(pinset), wirePin)) }
    case 'allocations/*/':
      return { GET: () => (isCid(second ?? '') ? fromPinset(at, (pinset) => one(pinset, second ?? '')) : badCid()) }
    case 'pins//':
      return { GET: () => listPins(at) }
    case 'pins/*/':
      // `recover` takes the place of a CID.
      if (second === 'recover') return { POST: () => recover(at, undefined) }
      return {
        GET: () => pinInfo(at, second ?? ''),
        POST: () => pin(at, second ?? ''),
        DELETE: () => unpin(at, second ?? ''),
      }
    case 'pins/*/recover':
      return { POST: () => recover(at, second) }
    case 'health//':
      return { GET: () => nothing }
    case 'monitor/*/':
      return second === 'metrics' ? { GET: () => value(metricNamesHeardBy()) } : undefined
    default:
      if (first !== 'monitor' || second !== 'metrics' || third === undefined) return undefined
      return { GET: () => value(wireMetrics(metricsSeenBy(world, store, third))) }
  }
}

const isCid = (text: string): boolean => /^(Qm[1-9A-HJ-NP-Za-km-z]{44}|b[a-z2-7]{50,})$/.test(text)
const badCid = (): Reply => fail(400, 'error decoding Cid: invalid cid: selected encoding not supported')

/** The pinset lies on the store's pool: while that is suspended, who reads it waits. */
function fromPinset({ world, host, store }: Landing, answer: (pinset: Pinset) => Reply): Reply {
  return canReadPinset(host, store) ? answer(pinsetOf(world, store)) : never
}

function one(pinset: Pinset, cid: string): Reply {
  const found = pinOf(pinset, cid)
  return found === undefined ? notFound() : value(wirePin(found))
}

function listPins(at: Landing): Reply {
  const { world, host, store, query } = at
  const filter = readFilter(query.get('filter') ?? '')
  if (filter === undefined) return fail(400, 'invalid filter value')
  const cids = query.get('cids')?.split(',')
  if (!isCheap(filter)) {
    // Any other state has to be asked of Kubo.
    const state = kuboState(host, store)
    if (state === 'hangs') return never
    if (state === 'refuses') {
      const why = `dial tcp 127.0.0.1:${store.kubo.port}: connect: connection refused`
      const request = `Post "http://127.0.0.1:${store.kubo.port}/api/v0/pin/ls?stream=true&type=recursive"`
      return fail(500, `could not get pinset from IPFS: ${request}: ${why}`)
    }
  }
  const peers = asked(at)
  const shownOn = (candidate: SimPin): SeenPeer[] =>
    filter.length === 0
      ? peers
      : peers.filter((peer) => filter.includes(describePinOn(world, candidate, peer.store).status))
  return list(wantedInfos(at, { filter, cids, peers, shownOn }), (info) => info)
}

function* wantedInfos(
  { world, store }: Landing,
  ask: {
    filter: readonly PinStatus[]
    cids: readonly string[] | undefined
    peers: readonly SeenPeer[]
    shownOn: (pin: SimPin) => SeenPeer[]
  },
): Generator {
  const { filter, cids, peers, shownOn } = ask
  const pinset = pinsetOf(world, store)
  if (cids !== undefined) {
    // A list of CIDs takes no filter: each is told, the unknown ones as unpinned.
    for (const cid of cids) {
      const found = pinOf(pinset, cid)
      yield found === undefined ? wireUnknownPin(cid, peers, world.now) : wirePinInfo(world, found, peers)
    }
    return
  }
  if (isCheap(filter)) {
    for (const peer of peers) {
      for (const failed of failedRemovals(world, peer.store)) {
        if (filter.includes(failed.status)) yield wireFailedRemoval(failed, peer)
      }
    }
  }
  for (const candidate of isTrouble(filter) ? changedPins(pinset) : pinsOf(pinset)) {
    const shown = shownOn(candidate)
    if (shown.length > 0) yield wirePinInfo(world, candidate, shown)
  }
}

function pinInfo(at: Landing, cid: string): Reply {
  const { world, store } = at
  const found = pinOf(pinsetOf(world, store), cid)
  if (found !== undefined) return value(wirePinInfo(world, found, asked(at)))
  for (const peer of asked(at)) {
    const failed = failedRemovals(world, peer.store).find((removal) => removal.cid === cid)
    if (failed !== undefined) return value(wireFailedRemoval(failed, peer))
  }
  return value(wireUnknownPin(cid, asked(at), world.now))
}

/** This peer alone with `local=true`, else all that it sees. */
function asked({ world, host, store, query }: Landing): SeenPeer[] {
  return query.get('local') === 'true' ? [{ host, store, answers: true }] : seenBy(world, store)
}

const composites: Record<string, readonly PinStatus[]> = {
  error: ['cluster_error', 'pin_error', 'unpin_error'],
  queued: ['pin_queued', 'unpin_queued'],
}

/** Empty for "everything"; unknown names are passed over while one is known, else undefined. */
function readFilter(text: string): PinStatus[] | undefined {
  if (text === '') return []
  const known = text.split(',').flatMap((name) => {
    const status = PinStatus.safeParse(name)
    return status.success ? [status.data] : [...(composites[name] ?? [])]
  })
  return known.length === 0 ? undefined : known
}

function pin({ simulator, store, query, world }: Landing, cid: string): Reply {
  if (!isCid(cid)) return fail(400, `error decoding Cid: invalid cid: ${cid}`)
  const number = (name: string) => Number(query.get('replication') ?? query.get(name) ?? 0)
  const metadata = [...query].filter(([key]) => key.startsWith('meta-')).map(([key, text]) => [key.slice(5), text])
  const updateOf = query.get('pin-update')
  if (updateOf !== null && pinOf(pinsetOf(world, store), updateOf) === undefined) return notFound()
  const wish = {
    cid,
    name: query.get('name') ?? '',
    replicationMin: number('replication-min'),
    replicationMax: number('replication-max'),
    metadata: Object.fromEntries(metadata),
    userAllocations: query.get('user-allocations')?.split(',') ?? [],
    expiresAt: readExpiry(query, world.now),
    updateOf,
  }
  try {
    const added = simulator.change((changed) => addPin(changed, store.cluster, wish, store))
    return value(wirePin(added))
  } catch (error) {
    if (error instanceof PinRefused) return fail(500, error.message)
    throw error
  }
}

/** `expire-at` is RFC 3339, `expire-in` a duration; null for neither, or for what is neither. */
function readExpiry(query: URLSearchParams, now: number): number | null {
  const within = DurationText.safeParse(query.get('expire-in'))
  const at = within.success ? now + within.data : Date.parse(query.get('expire-at') ?? '')
  return Number.isNaN(at) ? null : at
}

function unpin({ simulator, store }: Landing, cid: string): Reply {
  const removed = simulator.change((world) => removePin(world, store.cluster, cid, store))
  return removed === undefined ? fail(404, 'not found') : value(wirePin(removed))
}

function recover(at: Landing, cid: string | undefined): Reply {
  const { simulator, store, world } = at
  if (cid !== undefined && pinOf(pinsetOf(world, store), cid) === undefined) {
    return fail(404, 'pin is not part of the pinset')
  }
  const peers = asked(at)
  const stores = peers.map((peer) => peer.store)
  const recovered = simulator.change((changed) => recoverPins(changed, store.cluster, stores, cid))
  return cid === undefined ? list(recovered, (done) => wirePinInfo(world, done, peers)) : pinInfo(at, cid)
}
