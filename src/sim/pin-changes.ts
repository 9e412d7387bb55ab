import { allocate, anyMember, membersWith, PinRefused, validFor } from './allocate.ts'
import { clusterOf, membersOf, recordEffect } from './lookup.ts'
import { kuboState, statusOf } from './pin-view.ts'
import { changedPins, changePin, dropPin, pinOf, type Pinset, pinsetNamed, pinsetOf, putPin } from './pinset.ts'
import { nextBetween } from './random.ts'
import { actOn, heldAgain, newHolder } from './trackers.ts'
import type { SimPin, SimStore, World } from './world.ts'

export interface PinWish {
  cid: string
  name: string
  /** −1 is "on every peer"; 0 is the default, which is −1. */
  replicationMin: number
  replicationMax: number
  metadata: Record<string, string>
  /** Peers to prefer. */
  userAllocations: readonly string[]
  /** Milliseconds since 1970; seconds are kept. */
  expiresAt?: number | null
  /** The pin whose whole record is taken over, exact holders included; only name and expiry can be others. */
  updateOf?: string | null
}

const MiB = 2 ** 20

/**
 * Puts a pin into the pinset, or pins it anew: every option is replaced, nothing is merged (ipfs-cluster 1.1.6). `through`
 * is the peer that is asked: while the cluster is split, only its side hears of it.
 */
export function addPin(world: World, clusterName: string, wish: PinWish, through?: SimStore): SimPin {
  const pinset = through === undefined ? pinsetNamed(world, clusterName) : pinsetOf(world, through)
  const before = pinOf(pinset, wish.cid)
  const { peers, ...record } = recordFor(world, pinset, { wish, before, through })
  const members = membersWith(pinset)
  const size = before?.size ?? nextBetween(world, MiB, 512 * MiB)
  const pin: SimPin = {
    ...record,
    cid: wish.cid,
    size,
    createdAt: wholeSeconds(world.now),
    height: nextHeight(pinset),
    holders: peers.map((peer) => {
      const member = members.find(({ store }) => store.peer.id === peer)
      return heldAgain(world, pinset.cluster, { peer, size, member, before, cid: wish.cid })
    }),
  }
  actOn(world, pinset.cluster, { cid: wish.cid, before, after: pin, on: members })
  putPin(pinset, pin)
  recordEffect(world, 'pin added', wish.cid)
  return pin
}

type PinRecord = Pick<SimPin, 'name' | 'replicationMin' | 'replicationMax' | 'metadata' | 'expiresAt' | 'updateOf'> & {
  peers: string[]
}

/** What is written for a wish, and who is to hold it. */
function recordFor(
  world: World,
  pinset: Pinset,
  { wish, before, through }: { wish: PinWish; before: SimPin | undefined; through: SimStore | undefined },
): PinRecord {
  const expiresAt = wish.expiresAt === undefined || wish.expiresAt === null ? null : wholeSeconds(wish.expiresAt)
  if (wish.updateOf !== undefined && wish.updateOf !== null) {
    const model = pinOf(pinset, wish.updateOf)
    if (model === undefined) throw new PinRefused('not found')
    const { replicationMin, replicationMax, metadata, holders } = model
    return {
      name: wish.name === '' ? model.name : wish.name,
      replicationMin,
      replicationMax,
      metadata: { ...metadata },
      expiresAt: expiresAt ?? model.expiresAt,
      updateOf: wish.updateOf,
      peers: holders.map(({ peer }) => peer),
    }
  }
  const [least, most] = factors(wish)
  const asked = through ?? anyMember(pinset)?.store
  const valid = asked === undefined ? [] : validFor(world, asked)
  return {
    name: wish.name,
    replicationMin: least,
    replicationMax: most,
    metadata: wish.metadata,
    expiresAt,
    updateOf: null,
    peers:
      least === -1
        ? membersWith(pinset).map(({ store }) => store.peer.id)
        : allocate(world, { least, most, before, wished: wish.userAllocations, valid }),
  }
}

/** Takes a pin out of the pinset, and its content from all holders; undefined when there is no such pin. */
export function removePin(world: World, clusterName: string, cid: string, through?: SimStore): SimPin | undefined {
  const pinset = through === undefined ? pinsetNamed(world, clusterName) : pinsetOf(world, through)
  const pin = pinOf(pinset, cid)
  if (pin === undefined) return undefined
  nextHeight(pinset)
  actOn(world, pinset.cluster, { cid, before: pin, after: undefined, on: membersWith(pinset) })
  dropPin(pinset, cid)
  if (pinset.side !== undefined && !pinset.side.tombstones.includes(cid)) pinset.side.tombstones.push(cid)
  recordEffect(world, 'pin removed', cid)
  return pin
}

/**
 * Queues again what has failed or was lost, on the given peers whose Kubo answers; the pins concerned. An unpin that
 * failed is never tried again, neither where others hold the pin nor where it is out of the pinset (measured, 1.1.6).
 */
export function recoverPins(world: World, clusterName: string, on: readonly SimStore[], only?: string): SimPin[] {
  const cluster = clusterOf(world, clusterName)
  const recovered = new Map<string, SimPin>()
  for (const { host, store } of membersOf(world, clusterName)) {
    if (!on.includes(store) || kuboState(host, store) !== 'answers') continue
    const pinset = pinsetOf(world, store)
    for (const { cid, holders, size } of changedPins(pinset)) {
      const holder = holders.find(({ peer }) => peer === store.peer.id)
      if (holder === undefined || (only !== undefined && cid !== only)) continue
      const status = statusOf(holder, world.now, cluster.recoverEvery)
      if (status !== 'pin_error' && status !== 'unexpectedly_unpinned') continue
      const attempts = holder.failure?.attempts ?? 0
      const again = newHolder(world, holder.peer, { size, kuboAnswers: true, wasThere: false, attempts })
      changePin(pinset, cid, (pin) => {
        pin.holders = pin.holders.map((one) => (one.peer === holder.peer ? again : one))
      })
      const pin = pinOf(pinset, cid)
      if (pin !== undefined) recovered.set(cid, pin)
    }
  }
  for (const cid of recovered.keys()) recordEffect(world, 'pin recovered', cid)
  return [...recovered.values()]
}

/** Pins past the Cluster, in one Kubo. */
export function addKuboPin(world: World, store: SimStore, cid: string): void {
  if (!store.kubo.ownPins.includes(cid)) store.kubo.ownPins.push(cid)
  setLost(world, store, { cid, lostAt: null })
  recordEffect(world, 'Kubo pin added', `${store.peer.name} ${cid}`)
}

/** Unpins past the Cluster, in one Kubo, also what the Cluster pinned there: false when it has no such pin. */
export function removeKuboPin(world: World, store: SimStore, cid: string): boolean {
  const cluster = clusterOf(world, store.cluster)
  const isLeft = cluster.leftovers.some((left) => left.cid === cid && left.peer === store.peer.declaredId)
  const wasHeld = setLost(world, store, { cid, lostAt: world.now })
  if (!wasHeld && !isLeft && !store.kubo.ownPins.includes(cid)) return false
  store.kubo.ownPins = store.kubo.ownPins.filter((own) => own !== cid)
  cluster.leftovers = cluster.leftovers.filter((left) => left.cid !== cid || left.peer !== store.peer.declaredId)
  recordEffect(world, 'Kubo pin removed', `${store.peer.name} ${cid}`)
  return true
}

/** Says of a holder that its Kubo has lost the pin, or has it again; false when it holds no such pin. */
export function setLost(
  world: World,
  store: SimStore,
  { cid, lostAt }: { cid: string; lostAt: number | null },
): boolean {
  const pinset = pinsetOf(world, store)
  const isHolder = pinOf(pinset, cid)?.holders.some(({ peer }) => peer === store.peer.id) === true
  if (!isHolder) return false
  changePin(pinset, cid, (pin) => {
    for (const holder of pin.holders) if (holder.peer === store.peer.id) holder.lostAt = lostAt
  })
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

/** Every write lies on top of all that its side knows. */
function nextHeight({ cluster, side }: Pinset): number {
  const graph = side ?? cluster
  graph.height += 1
  return graph.height
}

const wholeSeconds = (at: number): number => Math.floor(at / 1000) * 1000
