import { describe, expect, it } from 'vitest'
import { createWorld, defaultStores } from './create-world.ts'
import { membersOf, NotInWorld } from './lookup.ts'
import { addPin, recoverPins, removePin } from './pin-changes.ts'
import { describePinOn, seenBy } from './pin-view.ts'
import { pinOf, pinsetOf, pinsOf } from './pinset.ts'
import { healCluster, splitCluster } from './split.ts'
import type { SimStore } from './world.ts'
import { World } from './world.ts'

const minute = 60_000

/** Four peers on four hosts; a and b see each other, and c and d. */
function twoSides() {
  const world = createWorld({ hosts: ['a', 'b', 'c', 'd'], stores: defaultStores.slice(0, 1), pins: 40 })
  const stores = membersOf(world, 'main').map(({ store }) => store)
  const [a, b, c, d] = stores
  if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four stores')
  const cids = [...pinsOf(pinsetOf(world, a))].map(({ cid }) => cid)
  const [first = '', second = ''] = cids
  splitCluster(world, 'main', [[a.peer.declaredId, b.peer.declaredId]])
  const write = (through: SimStore, cid: string, name: string) =>
    addPin(
      world,
      'main',
      { cid, name, replicationMin: 1, replicationMax: 4, metadata: {}, userAllocations: [] },
      through,
    )
  const nameAt = (store: SimStore, cid: string) => pinOf(pinsetOf(world, store), cid)?.name
  const heal = () => healCluster(world, 'main')
  /** What the peers that hold a pin say of it. */
  const statusesAmong = (on: readonly SimStore[], cid: string) =>
    on.flatMap((store) => {
      const pin = pinOf(pinsetOf(world, store), cid)
      const isHolder = pin?.holders.some(({ peer }) => peer === store.peer.id) === true
      return pin !== undefined && isHolder ? [describePinOn(world, pin, store).status] : []
    })
  return { world, a, b, c, d, stores, first, second, write, nameAt, heal, statusesAmong }
}

describe('a cluster that is split', () => {
  it('has peers that see their own side only, once the last pings of the others have expired', () => {
    const { world, a, b, c } = twoSides()
    expect(seenBy(world, a)).toHaveLength(4)
    world.now += 30_000
    expect(seenBy(world, a).map(({ store }) => store.peer.name)).toEqual([a.peer.name, b.peer.name])
    expect(seenBy(world, c)).toHaveLength(2)
  })

  it('takes changes on both sides, each of which knows its own only', () => {
    const { world, a, b, c, first, second, write, nameAt } = twoSides()
    write(a, first, 'from a')
    removePin(world, 'main', second, c)
    expect([nameAt(a, first), nameAt(b, first), nameAt(c, first)]).toEqual(['from a', 'from a', 'hot-0001'])
    expect([nameAt(a, second), nameAt(c, second)]).toEqual(['hot-0002', undefined])
  })

  it('is still plain data', () => {
    const { world, a, first, write } = twoSides()
    write(a, first, 'from a')
    expect(World.parse(JSON.parse(JSON.stringify(world)))).toEqual(world)
  })

  it('is not made of peers that do not exist', () => {
    const { world } = twoSides()
    expect(() => splitCluster(world, 'main', [['12D3KooWnobody']])).toThrow(NotInWorld)
  })
})

describe('a cluster that is whole again', () => {
  it('keeps of two writes the one at the greater height, though the other was later', () => {
    const { world, a, c, d, first, second, write, nameAt, heal } = twoSides()
    write(c, second, 'c is busier')
    write(c, first, 'higher')
    world.now += minute
    write(a, first, 'later')
    heal()
    for (const store of [a, d]) expect(nameAt(store, first)).toBe('higher')
    expect(nameAt(a, second)).toBe('c is busier')
  })

  it('brings back what was deleted on one side and written on the other', () => {
    const { world, a, b, c, d, first, write, nameAt, heal } = twoSides()
    removePin(world, 'main', first, a)
    write(c, first, 'survives')
    heal()
    for (const store of [a, b, c, d]) expect(nameAt(store, first)).toBe('survives')
  })

  it('has really unpinned it where it was written, until somebody recovers', () => {
    const { world, a, b, c, d, stores, first, write, heal, statusesAmong } = twoSides()
    write(c, first, 'survives')
    world.now += minute
    removePin(world, 'main', first, a)
    heal()
    const there = statusesAmong([c, d], first)
    expect(there.length).toBeGreaterThan(0)
    expect(new Set(there)).toEqual(new Set(['unexpectedly_unpinned']))
    expect(new Set([...statusesAmong([a, b], first), 'pin_queued'])).toEqual(new Set(['pin_queued']))
    recoverPins(world, 'main', stores)
    world.now += 60 * minute
    expect(new Set(statusesAmong(stores, first))).toEqual(new Set(['pinned']))
  })

  it('loses no copy where nobody deleted', () => {
    const { world, a, stores, first, write, heal, statusesAmong } = twoSides()
    write(a, first, 'from a')
    heal()
    world.now += 60 * minute
    expect(statusesAmong(stores, first)).not.toContain('unexpectedly_unpinned')
  })

  it('has deleted everywhere what one side deleted and the other left alone', () => {
    const { world, a, d, first, nameAt, heal } = twoSides()
    removePin(world, 'main', first, a)
    heal()
    expect(nameAt(d, first)).toBeUndefined()
    expect(world.clusters[0]?.split).toBeNull()
  })

  it('has what was new on either side', () => {
    const { a, c, write, nameAt, heal } = twoSides()
    const [one, other] = ['a', 'b'].map(
      (letter) => `bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbz${letter}i`,
    )
    write(a, one ?? '', 'one')
    write(c, other ?? '', 'other')
    heal()
    expect([nameAt(c, one ?? ''), nameAt(a, other ?? '')]).toEqual(['one', 'other'])
  })
})
