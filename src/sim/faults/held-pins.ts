import { NotInWorld } from '../lookup.ts'
import { changePin, pinsetOf, pinsOf } from '../pinset.ts'
import type { SimHolder, SimPin, SimStore, World } from '../world.ts'

/** The first few pins that a store is to hold, in the order of the pinset; throws NotInWorld where there are fewer. */
export function heldPins(
  world: World,
  store: SimStore,
  count: number,
  isWanted: (pin: SimPin) => boolean = () => true,
): SimPin[] {
  const found: SimPin[] = []
  for (const pin of pinsOf(pinsetOf(world, store))) {
    if (!pin.holders.some(({ peer }) => peer === store.peer.declaredId) || !isWanted(pin)) continue
    if (found.push(pin) === count) return found
  }
  throw new NotInWorld(`${store.peer.name} holds fewer than ${count} such pins in the simulated world`)
}

/** Changes how one store's copy of a pin stands. */
export function changeCopy(world: World, store: SimStore, cid: string, change: (holder: SimHolder) => void): void {
  changePin(pinsetOf(world, store), cid, ({ holders }) => {
    for (const holder of holders) if (holder.peer === store.peer.declaredId) change(holder)
  })
}

/** Changes how one store's copies of its first few pins stand. */
export function changeCopies(
  world: World,
  store: SimStore,
  {
    count,
    isWanted,
    change,
  }: {
    count: number
    isWanted?: (pin: SimPin) => boolean
    change: (holder: SimHolder, index: number) => void
  },
): void {
  for (const [index, { cid }] of heldPins(world, store, count, isWanted).entries()) {
    changeCopy(world, store, cid, (holder) => change(holder, index))
  }
}
