import { nextBetween, nextShare, type RandomState, shuffled } from '../src/sim/random.ts'

// A small cluster as it really is, for the proof `ok-to-stop`: each peer with a pinset of its own, each Kubo with what it really
// has. Writes arrive late, or never; copies are fetched, lost and left behind; peers are set up anew.

/** One write of a pin, as a peer has it. */
export interface WorldPin {
  cid: string
  holders: readonly string[] | 'everywhere'
  min: number
  /** The greater one stays, wherever two meet. */
  order: number
}

export interface WorldKubo {
  id: string
  isUp: boolean
  has: Set<string>
}

export interface WorldPeer {
  id: string
  /** IDs that it had before it was set up anew: pins that were given to them lie in its Kubo all the same. */
  former: string[]
  host: WorldHost
  store: string
  kubo: WorldKubo
  isUp: boolean
  /** Hears and tells nothing of the pinset any more: it has diverged. */
  isDeaf: boolean
  pinset: Map<string, WorldPin>
  /** The order of the last write or removal of a pin that it has heard of. */
  heard: Map<string, number>
  failed: Set<string>
  /** As the fleet file declares it. */
  declared: string | undefined
}

export interface WorldHost {
  name: string
  isSilent: boolean
  clockOffset: number
}

export interface PinWorld extends RandomState {
  /** Milliseconds. */
  now: number
  hosts: WorldHost[]
  peers: WorldPeer[]
  /** Writes on their way. */
  letters: { to: WorldPeer; cid: string; pin: WorldPin | undefined; order: number; arrivesAt: number }[]
  orders: number
  pins: number
}

/** How a world is made: `calm`, every agent answers, everything is up and rightly declared; pins come and go all the same. */
export interface WorldKind {
  isCalm: boolean
}

export const peerNamed = (number: number): string => `12D3KooW${String(number).padStart(44, 'x')}`

export function createPinWorld(seed: number, { isCalm }: WorldKind): PinWorld {
  const world: PinWorld = {
    random: seed,
    now: 1_795_420_800_000,
    hosts: [],
    peers: [],
    letters: [],
    orders: 0,
    pins: 0,
  }
  const hosts = nextBetween(world, 2, 4)
  for (let number = 0; number < hosts; number += 1) {
    const clockOffset = oneIn(world, 3) ? nextBetween(world, -90_000, 90_000) : 0
    const host = { name: `n${number}`, isSilent: false, clockOffset }
    world.hosts.push(host)
    const stores = oneIn(world, 3) ? 2 : 1
    for (let store = 0; store < stores; store += 1) {
      const id = peerNamed(world.peers.length)
      const shared = store > 0 && oneIn(world, 3) ? world.peers.at(-1)?.kubo : undefined
      world.peers.push({
        id,
        former: [],
        host,
        store: `s${store}`,
        kubo: shared ?? { id: `kubo-${world.peers.length}`, isUp: true, has: new Set() },
        isUp: true,
        isDeaf: false,
        pinset: new Map(),
        heard: new Map(),
        failed: new Set(),
        declared: oneIn(world, 3) ? undefined : id,
      })
    }
  }
  for (let pins = nextBetween(world, 1, 6); pins > 0; pins -= 1) write(world)
  for (let events = nextBetween(world, 0, 25); events > 0; events -= 1) happen(world)
  if (!isCalm) for (let troubles = nextBetween(world, 0, 4); troubles > 0; troubles -= 1) trouble(world)
  // Most worlds have had some time since.
  if (!oneIn(world, 3)) settle(world)
  for (let events = nextBetween(world, 0, 4); events > 0; events -= 1) happen(world)
  return world
}

export const oneIn = (world: RandomState, many: number): boolean => nextShare(world) * many < 1

function pick<T>(world: RandomState, list: readonly T[]): T {
  const found = list[nextBetween(world, 0, list.length - 1)]
  if (found === undefined) throw new RangeError('nothing to choose from')
  return found
}

/** Milliseconds within which a peer hears of a write, unless it is deaf. */
const heardWithin = 5000

/** Something that happens in a cluster all the time. */
export function happen(world: PinWorld): void {
  world.now += nextBetween(world, 0, 2000)
  arrive(world)
  const what = nextShare(world)
  if (what < 0.15) write(world)
  else if (what < 0.25) remove(world)
  else if (what < 0.92) work(world)
  else if (what < 0.96) diverge(world)
  else loseCopy(world)
}

/** Everything that is on its way arrives, and is done. */
function settle(world: PinWorld): void {
  world.now += 30_000
  arrive(world)
  for (const peer of world.peers) while (workOf(world, peer));
}

/** Whether all peers have one pinset. */
export function doAgree({ peers }: PinWorld): boolean {
  const texts = peers.map(({ pinset }) => [...pinset.values()].map(({ cid, order }) => `${cid} ${order}`).toSorted())
  return new Set(texts.map((text) => text.join())).size === 1
}

/** Adds a pin, or writes one anew with other holders. */
function write(world: PinWorld): void {
  const origin = pick(world, world.peers)
  const known = [...origin.pinset.keys()]
  const cid = known.length > 0 && oneIn(world, 4) ? pick(world, known) : `pin-${(world.pins += 1)}`
  const ids = shuffled(world, world.peers).slice(0, nextBetween(world, 1, 3))
  const holders = oneIn(world, 6) ? 'everywhere' : ids.map(({ id }) => id).toSorted()
  const min = holders === 'everywhere' ? -1 : nextBetween(world, 1, holders.length)
  const order = (world.orders += 1)
  tell(world, origin, cid, { cid, holders, min, order }, order)
}

function remove(world: PinWorld): void {
  const origin = pick(world, world.peers)
  if (origin.pinset.size === 0) return
  tell(world, origin, pick(world, [...origin.pinset.keys()]), undefined, (world.orders += 1))
}

function tell(world: PinWorld, origin: WorldPeer, cid: string, pin: WorldPin | undefined, order: number): void {
  hear(origin, cid, pin, order)
  for (const to of world.peers) {
    if (to === origin || to.isDeaf || origin.isDeaf) continue
    if (oneIn(world, 2)) hear(to, cid, pin, order)
    else world.letters.push({ to, cid, pin, order, arrivesAt: world.now + nextBetween(world, 0, heardWithin) })
  }
}

function hear(peer: WorldPeer, cid: string, pin: WorldPin | undefined, order: number): void {
  if ((peer.heard.get(cid) ?? 0) >= order) return
  peer.heard.set(cid, order)
  peer.failed.delete(cid)
  if (pin === undefined) peer.pinset.delete(cid)
  else peer.pinset.set(cid, pin)
}

function arrive(world: PinWorld): void {
  for (const { to, cid, pin, order, arrivesAt } of world.letters) {
    if (arrivesAt <= world.now && !to.isDeaf) hear(to, cid, pin, order)
  }
  world.letters = world.letters.filter(({ arrivesAt }) => arrivesAt > world.now)
}

export const isHeldBy = (pin: WorldPin | undefined, id: string): boolean =>
  pin !== undefined && (pin.holders === 'everywhere' || pin.holders.includes(id))

function work(world: PinWorld): void {
  workOf(world, pick(world, world.peers))
}

/** A peer has its Kubo fetch one pin, or give one up. Whether there was anything to do. */
function workOf(world: PinWorld, peer: WorldPeer): boolean {
  const { kubo, pinset, id, isUp } = peer
  if (!isUp || !kubo.isUp) return false
  const wanted = [...pinset.values()].find(
    (pin) => isHeldBy(pin, id) && !kubo.has.has(pin.cid) && !peer.failed.has(pin.cid),
  )
  if (wanted !== undefined) {
    if (oneIn(world, 12)) peer.failed.add(wanted.cid)
    else kubo.has.add(wanted.cid)
    return true
  }
  const sharing = world.peers.filter((one) => one.kubo === kubo)
  const isWanted = (cid: string) =>
    sharing.some((one) => [one.id, ...one.former].some((name) => isHeldBy(one.pinset.get(cid), name)))
  const left = [...kubo.has].find((cid) => !isWanted(cid))
  if (left === undefined) return false
  kubo.has.delete(left)
  return true
}

function loseCopy(world: PinWorld): void {
  const { kubo } = pick(world, world.peers)
  if (kubo.has.size > 0) kubo.has.delete(pick(world, [...kubo.has]))
}

function diverge(world: PinWorld): void {
  if (oneIn(world, 4)) pick(world, world.peers).isDeaf = true
}

/** Something is down, silent, set up anew, or wrongly declared. */
export function trouble(world: PinWorld): void {
  const peer = pick(world, world.peers)
  const what = nextBetween(world, 0, 7)
  if (what === 0) peer.host.isSilent = true
  else if (what === 1) peer.kubo.isUp = !peer.kubo.isUp
  else if (what === 2) peer.isUp = !peer.isUp
  else if (what === 3) peer.isDeaf = true
  else if (what === 4) peer.declared = undefined
  else if (what === 5) swapDeclarations(peer, pick(world, world.peers))
  else if (what === 6) peer.declared = peerNamed(99)
  else setUpAnew(world, peer)
}

/** As a fleet file that was copied from one host to another. */
function swapDeclarations(one: WorldPeer, other: WorldPeer): void {
  one.declared = other.id
  other.declared = one.id
}

/** A new identity; the pinset comes back from the others, the Kubo stays. The fleet file may still have the old one. */
function setUpAnew(world: PinWorld, peer: WorldPeer): void {
  peer.former.push(peer.id)
  peer.id = peerNamed(20 + world.orders + world.peers.indexOf(peer))
  world.orders += 10
  peer.pinset = new Map(pick(world, world.peers).pinset)
  peer.heard = new Map([...peer.pinset.values()].map(({ cid, order }) => [cid, order]))
  peer.failed.clear()
  if (oneIn(world, 2)) peer.declared = peer.id
}
