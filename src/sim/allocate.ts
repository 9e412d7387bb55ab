import { OpsError } from '../domain/errors.ts'
import { membersOf, pingValidMs } from './lookup.ts'
import { clusterState, kuboState, seenBy } from './pin-view.ts'
import type { Pinset } from './pinset.ts'
import { shuffled } from './random.ts'
import type { SimHostState, SimPin, SimStore, World } from './world.ts'

/** What the pinset refuses, in the Cluster's words. */
export class PinRefused extends OpsError {
  readonly remedy = 'stop'
}

export interface Member {
  host: SimHostState
  store: SimStore
}

/** The members of a cluster that have this copy of its pinset. */
export const membersWith = ({ world, cluster, side }: Pinset): Member[] =>
  membersOf(world, cluster.name).filter(({ store }) => side === undefined || side.peers.includes(store.peer.declaredId))

/** Whom a request reaches that names no peer: the first that answers. */
export function anyMember(pinset: Pinset): Member | undefined {
  const members = membersWith(pinset)
  return (
    members.find(({ host, store }) => clusterState(host, store) === 'answers' && store.peer.cutOffSince === null) ??
    members[0]
  )
}

/** The peers that the allocator of one peer knows of: those with a valid ping and a valid free space. */
export function validFor(world: World, asked: SimStore): Member[] {
  return seenBy(world, asked).filter(({ host, store }) => {
    const { downSince } = store.kubo
    return kuboState(host, store) === 'answers' || (downSince !== null && world.now - downSince < pingValidMs)
  })
}

/**
 * Who is to hold a pin, by the rules of ipfs-cluster 1.1.6 (`obtainAllocations`, measured): too many holders, and any of
 * them go; enough of them, and nothing changes, whatever is wished, dead ones included; too few, and the wished peers come
 * first, then others, spread over hosts by their tag.
 */
export function allocate(
  world: World,
  ask: {
    least: number
    most: number
    before: SimPin | undefined
    wished: readonly string[]
    valid: readonly Member[]
  },
): string[] {
  const { least, most, before, wished, valid } = ask
  const ids = new Set(valid.map(({ store }) => store.peer.id))
  const listed = before?.holders.map(({ peer }) => peer) ?? []
  const current = listed.filter((peer) => ids.has(peer))
  // Which holders go is arbitrary in the real one too: the order of a map in Go.
  if (current.length > most) return shuffled(world, current).slice(0, most)
  if (current.length >= least) return listed
  const chosen = [...new Set([...current, ...wished.filter((peer) => ids.has(peer))])]
  const others = shuffled(world, valid).filter(({ store }) => !chosen.includes(store.peer.id))
  if (chosen.length + others.length < least) {
    throw new PinRefused(
      `not enough peers to allocate CID: needed at least: ${least}; wanted: ${most}; valid: ${chosen.length + others.length}`,
    )
  }
  return spread(chosen, { others, valid, most })
}

/** Fills up to `most`, each time from the host that has the fewest copies yet. */
function spread(
  chosen: readonly string[],
  from: { others: readonly Member[]; valid: readonly Member[]; most: number },
): string[] {
  const { valid, most } = from
  const hostOfPeer = new Map(valid.map(({ host, store }) => [store.peer.id, host.name]))
  const peers = chosen.slice(0, most)
  const left = [...from.others]
  const copiesOn = (host: string) => peers.filter((peer) => hostOfPeer.get(peer) === host).length
  while (peers.length < most && left.length > 0) {
    const fewest = Math.min(...left.map(({ host }) => copiesOn(host.name)))
    const next = left.findIndex(({ host }) => copiesOn(host.name) === fewest)
    peers.push(...left.splice(next, 1).map(({ store }) => store.peer.id))
  }
  return peers
}
