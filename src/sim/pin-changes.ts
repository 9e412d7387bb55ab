import { OpsError } from '../domain/errors.ts'
import { clusterOf, membersOf, pingValidMs, recordEffect } from './lookup.ts'
import { clusterState, kuboState } from './pin-view.ts'
import { nextBetween, shuffled } from './random.ts'
import type { SimHolder, SimHostState, SimPin, SimStore, World } from './world.ts'

/** What the pinset refuses, in the Cluster's words. */
export class PinRefused extends OpsError {
  readonly remedy = 'stop'
}

export interface PinWish {
  cid: string
  name: string
  /** −1 is "on every peer"; 0 is the default, which is −1. */
  replicationMin: number
  replicationMax: number
  metadata: Record<string, string>
  /** Peers to prefer. */
  userAllocations: readonly string[]
}

const MiB = 2 ** 20

/** Puts a pin into the pinset, or pins it anew: every option is replaced, nothing is merged (ipfs-cluster 1.1.6). */
export function addPin(world: World, clusterName: string, wish: PinWish): SimPin {
  const cluster = clusterOf(world, clusterName)
  const [least, most] = factors(wish)
  const before = cluster.pins.find(({ cid }) => cid === wish.cid)
  const valid = membersOf(world, clusterName).filter(({ host, store }) => hasValidPing(world, host, store))
  const peers = allocate(world, { least, most, before, wish, valid: valid.map(({ store }) => store.peer.id) })
  const size = before?.size ?? nextBetween(world, MiB, 512 * MiB)
  const pin: SimPin = {
    cid: wish.cid,
    name: wish.name,
    size,
    replicationMin: least,
    replicationMax: most,
    metadata: wish.metadata,
    createdAt: Math.floor(world.now / 1000) * 1000,
    holders: peers.map((peer) => {
      const held = before?.holders.find((holder) => holder.peer === peer)
      const member = valid.find(({ store }) => store.peer.id === peer)
      return (
        held ?? newHolder(world, peer, size, member !== undefined && kuboState(member.host, member.store) === 'answers')
      )
    }),
  }
  if (before === undefined) cluster.pins.push(pin)
  else cluster.pins.splice(cluster.pins.indexOf(before), 1, pin)
  recordEffect(world, 'pin added', wish.cid)
  return pin
}

/** Takes a pin out of the pinset, and its content from all holders; undefined when there is no such pin. */
export function removePin(world: World, clusterName: string, cid: string): SimPin | undefined {
  const cluster = clusterOf(world, clusterName)
  const pin = cluster.pins.find((candidate) => candidate.cid === cid)
  if (pin === undefined) return undefined
  cluster.pins.splice(cluster.pins.indexOf(pin), 1)
  recordEffect(world, 'pin removed', cid)
  return pin
}

/** Queues again what has failed, on the given peers whose Kubo answers; the pins concerned. */
export function recoverPins(world: World, clusterName: string, on: readonly SimStore[], only?: string): SimPin[] {
  const answering = new Set(
    membersOf(world, clusterName)
      .filter(({ host, store }) => on.includes(store) && kuboState(host, store) === 'answers')
      .map(({ store }) => store.peer.id),
  )
  const recovered = clusterOf(world, clusterName).pins.filter((pin) => {
    if (only !== undefined && pin.cid !== only) return false
    const failed = pin.holders.filter(({ peer, failure }) => failure !== null && answering.has(peer))
    for (const holder of failed) Object.assign(holder, newHolder(world, holder.peer, pin.size, true))
    return failed.length > 0
  })
  for (const { cid } of recovered) recordEffect(world, 'pin recovered', cid)
  return recovered
}

/** Pins past the Cluster, in one Kubo. */
export function addKuboPin(world: World, store: SimStore, cid: string): void {
  if (!store.kubo.ownPins.includes(cid)) store.kubo.ownPins.push(cid)
  recordEffect(world, 'Kubo pin added', `${store.peer.name} ${cid}`)
}

/** Unpins past the Cluster, in one Kubo: false when it has no such pin of its own. */
export function removeKuboPin(world: World, store: SimStore, cid: string): boolean {
  if (!store.kubo.ownPins.includes(cid)) return false
  store.kubo.ownPins = store.kubo.ownPins.filter((own) => own !== cid)
  recordEffect(world, 'Kubo pin removed', `${store.peer.name} ${cid}`)
  return true
}

function factors({ replicationMin, replicationMax }: PinWish): [number, number] {
  const least = replicationMin === 0 ? -1 : replicationMin
  const most = replicationMax === 0 ? -1 : replicationMax
  if (least === -1 && most === -1) return [-1, -1]
  if (least < 1 || most < least) {
    throw new PinRefused(`cannot pin: bad replication factors: min ${least}, max ${most}`)
  }
  return [least, most]
}

/** Who holds it: whoever does already, then the preferred peers, then others; never more than `most`. */
function allocate(
  world: World,
  ask: { least: number; most: number; before: SimPin | undefined; wish: PinWish; valid: readonly string[] },
): string[] {
  const { least, most, before, wish, valid } = ask
  if (least === -1) return [...valid]
  const listed = before?.holders.map(({ peer }) => peer) ?? []
  const current = listed.filter((peer) => valid.includes(peer))
  // Which holders go when there are too many is arbitrary in the real one too: Go's map order.
  if (current.length > most) return shuffled(world, current).slice(0, most)
  if (current.length >= least) return listed
  const wished = wish.userAllocations.filter((peer) => valid.includes(peer))
  const candidates = new Set([...current, ...wished, ...shuffled(world, valid)])
  if (candidates.size < least) {
    throw new PinRefused(
      `not enough peers to allocate CID: needed at least: ${least}; wanted: ${most}; valid: ${candidates.size}`,
    )
  }
  return [...candidates].slice(0, most)
}

const hasValidPing = (world: World, host: SimHostState, store: SimStore): boolean =>
  store.peer.cutOffSince === null &&
  (clusterState(host, store) === 'answers' ||
    (store.peer.downSince !== null && world.now - store.peer.downSince < pingValidMs))

/** Half a second in the queue, then 100 MiB a second. */
function newHolder(world: World, peer: string, size: number, kuboAnswers: boolean): SimHolder {
  const startsAt = world.now + 500
  return {
    peer,
    queuedAt: world.now,
    startsAt,
    doneAt: startsAt + Math.ceil((size / (100 * MiB)) * 1000),
    failure: kuboAnswers
      ? null
      : { at: world.now, error: 'dial tcp 127.0.0.1: connect: connection refused', attempts: 1 },
  }
}
