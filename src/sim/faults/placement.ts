import { minutes, seconds } from '../../domain/units.ts'
import { basePin, basePinCount } from '../base-pins.ts'
import { newPeerId } from '../identifiers.ts'
import { clusterOf, hostOf, NotInWorld, storeOf } from '../lookup.ts'
import { changePin, pinsetOf } from '../pinset.ts'
import type { SimPin, SimStore, World } from '../world.ts'
import type { Fault } from './fault.ts'
import { changeCopy } from './held-pins.ts'

/** Two readings of the lists: what only one has met may be on its way. */
const settlesAfter = minutes(2)

const storeAt = (world: World, host: string, store: string): SimStore => storeOf(hostOf(world, host), store)

/** A pin as the world was made with it, with two copies where two are promised, on these stores. */
function pinOfTwo(world: World, ...stores: SimStore[]): SimPin {
  const { base } = clusterOf(world, 'main')
  for (let index = 0; index < basePinCount(base); index += 1) {
    const pin = basePin(base, index)
    const isThere = stores.every(({ peer }) => pin.holders.some((holder) => holder.peer === peer.declaredId))
    if (isThere && pin.holders.length === 2 && pin.replicationMin === 2) return pin
  }
  throw new NotInWorld(
    `there is no pin with two copies on ${stores.map(({ peer }) => peer.name).join(' and ')} in the simulated world`,
  )
}

/** Whether some copies of one pin have failed. */
function setFailure(world: World, { cid }: SimPin, holders: readonly SimStore[], hasFailed: boolean): void {
  for (const store of holders) {
    changeCopy(world, store, cid, (holder) => {
      holder.failure = hasFailed ? { at: world.now, error: 'context deadline exceeded', attempts: 3 } : null
    })
  }
}

/** A pin is given to other holders, and back. */
const holdersFault = (
  fault: Pick<Fault, 'name' | 'title' | 'expects'>,
  at: { host: string; store: string },
  change: (pin: SimPin, world: World) => void,
): Fault => ({
  ...fault,
  settlesAfter,
  apply: (world) => {
    const store = storeAt(world, at.host, at.store)
    changePin(pinsetOf(world, store), pinOfTwo(world, store).cid, (pin) => change(pin, world))
  },
  mend: (world) => {
    const store = storeAt(world, at.host, at.store)
    const before = pinOfTwo(world, store)
    changePin(pinsetOf(world, store), before.cid, (pin) => void Object.assign(pin, before))
  },
})

export const copyMissing: Fault = {
  name: 'copy-missing',
  title: 'One pin has one copy where two are promised: n1/hot has given up fetching it',
  expects: [
    { code: 'PIN_ERRORS', subject: 'n1/hot/peer' },
    { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
  ],
  settlesAfter,
  apply: (world) => {
    const store = storeAt(world, 'n1', 'hot')
    setFailure(world, pinOfTwo(world, store), [store], true)
  },
  mend: (world) => {
    const store = storeAt(world, 'n1', 'hot')
    setFailure(world, pinOfTwo(world, store), [store], false)
  },
}

const coldOnes = (world: World): SimStore[] => ['n1', 'n2'].map((host) => storeAt(world, host, 'cold'))

export const copiesLost: Fault = {
  name: 'copies-lost',
  title: 'Nobody has the content of one pin of the cold tier any more: both its holders have given up fetching it',
  expects: [
    { code: 'PIN_ERRORS', subject: 'n1/cold/peer' },
    { code: 'PIN_ERRORS', subject: 'n2/cold/peer' },
    { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
    { code: 'PINS_WITHOUT_COMPLETE_COPY', subject: 'main' },
  ],
  settlesAfter,
  apply: (world) => setFailure(world, pinOfTwo(world, ...coldOnes(world)), coldOnes(world), true),
  mend: (world) => setFailure(world, pinOfTwo(world, ...coldOnes(world)), coldOnes(world), false),
}

export const copiesOnOneHost: Fault = holdersFault(
  {
    name: 'copies-on-one-host',
    title: 'Both copies of one pin lie on n2, one on its cold and one on its warm store',
    expects: [{ code: 'PINS_ON_ONE_HOST', subject: 'main' }],
  },
  { host: 'n2', store: 'cold' },
  (pin, world) => {
    const peers = ['cold', 'warm'].map((store) => storeAt(world, 'n2', store).peer.declaredId)
    for (const [index, holder] of pin.holders.entries()) holder.peer = peers[index] ?? holder.peer
  },
)

export const holderUnknown: Fault = holdersFault(
  {
    name: 'holder-unknown',
    title: 'One pin has a third holder, a peer that nobody has declared',
    expects: [{ code: 'ALLOCATIONS_TO_UNKNOWN_PEER', subject: 'main' }],
  },
  { host: 'n3', store: 'cold' },
  (pin, world) => {
    const [first] = pin.holders
    if (first !== undefined) pin.holders.push({ ...first, peer: newPeerId({ random: world.seed ^ 0x3f_3f_3f }) })
  },
)

export const kuboShared: Fault = {
  name: 'kubo-shared',
  title: 'The Cluster peer of n1/cold pins into the Kubo of n1/warm',
  expects: [
    { code: 'KUBO_PEER_MISMATCH', subject: 'n1/cold/peer' },
    { code: 'SHARED_KUBO', subject: 'n1/warm/peer' },
  ],
  settlesAfter: seconds(0),
  apply: (world) => {
    storeAt(world, 'n1', 'cold').peer.foreignKubo = storeAt(world, 'n1', 'warm').kubo.id
  },
  mend: (world) => {
    storeAt(world, 'n1', 'cold').peer.foreignKubo = null
  },
}

/** Moves a store to another pool, with all its datasets. */
function putOn(store: SimStore, pool: string): void {
  const moved = (name: string): string => name.replace(/^[^/]+/, pool)
  store.datasetGuids = Object.fromEntries(Object.entries(store.datasetGuids).map(([name, guid]) => [moved(name), guid]))
  store.dataset = moved(store.dataset)
  store.pool = pool
}

export const poolShared: Fault = {
  name: 'pool-shared',
  title: 'The hot store of n2 has been moved to the pool of its cold one',
  expects: [{ code: 'SHARED_POOL', subject: 'n2/cold-tier/main' }],
  settlesAfter: seconds(0),
  apply: (world) => putOn(storeAt(world, 'n2', 'hot'), 'cold-tier'),
  mend: (world) => putOn(storeAt(world, 'n2', 'hot'), 'hot-tier'),
}
