import { minutes } from '../../domain/units.ts'
import { basePin, basePinCount } from '../base-pins.ts'
import { newPeerId } from '../identifiers.ts'
import { clusterOf, NotInWorld, storeAt } from '../lookup.ts'
import { changePin, pinsetOf } from '../pinset.ts'
import type { SimPin, SimStore, World } from '../world.ts'
import { type NewFault, set } from './fault.ts'
import { changeCopy } from './held-pins.ts'

/** Two readings of the lists: what only one has met may be on its way. */
const settlesAfter = minutes(2)

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

/** Lets the copies of one pin fail on all of these stores. */
function failCopies(world: World, ...stores: SimStore[]): void {
  const { cid } = pinOfTwo(world, ...stores)
  const failure = { at: world.now, error: 'context deadline exceeded', attempts: 3 }
  for (const store of stores) changeCopy(world, store, cid, (holder) => set(holder, { failure }))
}

/** Changes one pin of a store in place. */
function changeOne(world: World, store: SimStore, change: (pin: SimPin) => void): void {
  changePin(pinsetOf(world, store), pinOfTwo(world, store).cid, change)
}

/** The name of a dataset on the pool of the cold tier. */
const moved = (name: string): string => name.replace(/^[^/]+/, 'cold-tier')

export const placementFaults: readonly NewFault[] = [
  {
    name: 'copy-missing',
    title: 'One pin has one copy where two are promised: n1/hot has given up fetching it',
    expects: [
      { code: 'PIN_ERRORS', subject: 'n1/hot/peer' },
      { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
    ],
    settlesAfter,
    apply: (world) => failCopies(world, storeAt(world, 'n1/hot')),
  },
  {
    name: 'copies-lost',
    title: 'Nobody has the content of one pin of the cold tier any more: both its holders have given up fetching it',
    expects: [
      { code: 'PIN_ERRORS', subject: 'n1/cold/peer' },
      { code: 'PIN_ERRORS', subject: 'n2/cold/peer' },
      { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
      { code: 'PINS_WITHOUT_COMPLETE_COPY', subject: 'main' },
    ],
    settlesAfter,
    apply: (world) => failCopies(world, storeAt(world, 'n1/cold'), storeAt(world, 'n2/cold')),
  },
  {
    name: 'copies-on-one-host',
    title: 'Both copies of one pin lie on n2, one on its cold and one on its warm store',
    expects: [{ code: 'PINS_ON_ONE_HOST', subject: 'main' }],
    settlesAfter,
    apply: (world) => {
      const stores = [storeAt(world, 'n2/cold'), storeAt(world, 'n2/warm')] as const
      changeOne(world, stores[0], ({ holders }) => {
        for (const [index, holder] of holders.entries()) holder.peer = stores[index]?.peer.declaredId ?? holder.peer
      })
    },
  },
  {
    name: 'holder-unknown',
    title: 'One pin has a third holder, a peer that nobody has declared',
    expects: [{ code: 'ALLOCATIONS_TO_UNKNOWN_PEER', subject: 'main' }],
    settlesAfter,
    apply: (world) =>
      changeOne(world, storeAt(world, 'n3/cold'), ({ holders }) => {
        const peer = newPeerId({ random: world.seed ^ 0x3f_3f_3f })
        holders.push(...holders.slice(0, 1).map((first) => ({ ...first, peer })))
      }),
  },
  {
    name: 'pool-shared',
    title: 'The hot store of n2 has been moved to the pool of its cold one',
    expects: [{ code: 'SHARED_POOL', subject: 'n2/cold-tier/main' }],
    apply: (world) => {
      const store = storeAt(world, 'n2/hot')
      const guids = Object.entries(store.datasetGuids).map(([name, guid]) => [moved(name), guid] as const)
      set(store, { pool: 'cold-tier', dataset: moved(store.dataset), datasetGuids: Object.fromEntries(guids) })
    },
  },
]
