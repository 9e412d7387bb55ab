import { beforeAll, describe, expect, it } from 'vitest'
import { createWorld } from './create-world.ts'
import { hostOf, membersOf, storeOf } from './lookup.ts'
import { addPin, removePin } from './pin-changes.ts'
import { heldBytes, isInKubo } from './pin-view.ts'
import { changedPins, changePin, dropPin, pinCount, pinOf, type Pinset, pinsetNamed, pinsOf } from './pinset.ts'
import { simHost } from './ports.ts'
import { kuboPins } from './sim-content.ts'
import type { SimStore, World as WorldType } from './world.ts'
import { World } from './world.ts'

const everything = { replicationMin: 2, replicationMax: 3, metadata: {}, userAllocations: [], name: 'new' }
const newCid = (letter: string) => `bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbz${letter}i`

function someWorld() {
  const world = createWorld({ pins: 200 })
  const pinset = pinsetNamed(world, 'main')
  const cids = [...pinsOf(pinset)].map(({ cid }) => cid)
  return { world, pinset, cids }
}

describe('a pinset made by function', () => {
  it('is found by CID, pin for pin as it is listed, and knows no other', () => {
    const { pinset } = someWorld()
    for (const pin of pinsOf(pinset)) expect(pinOf(pinset, pin.cid)).toEqual(pin)
    expect(pinOf(pinset, newCid('a'))).toBeUndefined()
    expect(pinOf(pinset, '__proto__')).toBeUndefined()
    expect(pinCount(pinset)).toBe(200)
  })

  it('has what was added, changed and removed, in its place; what is changed back leaves no trace', () => {
    const { world, pinset, cids } = someWorld()
    const [changed = '', removed = ''] = [cids[3], cids[5]]
    addPin(world, 'main', { ...everything, cid: newCid('b') })
    removePin(world, 'main', removed)
    changePin(pinset, changed, (pin) => {
      pin.name = 'changed'
    })
    const after = [...pinsOf(pinset)]
    expect(after.map(({ cid }) => cid)).toEqual([...cids.filter((cid) => cid !== removed), newCid('b')])
    expect(pinOf(pinset, changed)?.name).toBe('changed')
    expect(changedPins(pinset).map(({ cid }) => cid)).toEqual(expect.arrayContaining([changed, newCid('b')]))
    expect(pinCount(pinset)).toBe(after.length)
    changePin(pinset, changed, (pin) => {
      pin.name = 'hot-0004'
    })
    dropPin(pinset, newCid('b'))
    expect(pinset.cluster.pins).toEqual({})
    expect(pinset.cluster.removed).toEqual({ [removed]: true })
  })

  it('does not change a list that is being read', () => {
    const { world, pinset, cids } = someWorld()
    const read: string[] = []
    for (const { cid } of pinsOf(pinset)) {
      if (read.push(cid) !== 10) continue
      removePin(world, 'main', cids.at(-1) ?? '')
      addPin(world, 'main', { ...everything, cid: newCid('c') })
    }
    expect(read).toEqual(cids)
    expect([...pinsOf(pinset)].map(({ cid }) => cid)).toEqual([...cids.slice(0, -1), newCid('c')])
  })

  it('sums up what each store holds as the sum over its list does', () => {
    const { world, pinset, cids } = someWorld()
    const counted = (store: SimStore) => {
      const held = [...pinsOf(pinset)].filter((pin) => isInKubo(world, pin, store))
      expect([...kuboPins(world, store)]).toEqual(held.map(({ cid }) => cid))
      return held.reduce((sum, { size }) => sum + size, 0)
    }
    const check = () => {
      for (const { store } of membersOf(world, 'main')) expect(heldBytes(world, store)).toBe(counted(store))
    }
    check()
    for (const cid of cids.slice(0, 20)) removePin(world, 'main', cid)
    for (const letter of ['a', 'b', 'c', 'd']) addPin(world, 'main', { ...everything, cid: newCid(letter) })
    check()
    world.now += 3_600_000
    check()
  })
})

describe('ten million pins on ten hosts', () => {
  let world: WorldType
  let pinset: Pinset
  beforeAll(() => {
    world = createWorld({ hosts: Array.from({ length: 10 }, (_, index) => `n${index + 1}`), pins: 10_000_000 })
    pinset = pinsetNamed(world, 'main')
  })

  it('are a small file, which is the world again when it is read', () => {
    const text = JSON.stringify(world)
    expect(text.length).toBeLessThan(250_000)
    expect(World.parse(JSON.parse(text))).toEqual(world)
  })

  it('are counted, found and looked through for trouble without a list', async () => {
    expect(pinCount(pinset)).toBe(10_000_000)
    const [first] = pinsOf(pinset)
    const { pinning, content } = simHost(world, 'n3').stores[0] ?? {}
    expect(await pinning?.allocation(first?.cid ?? '')).toMatchObject({ name: 'hot-0001' })
    expect(await Array.fromAsync(pinning?.pins(['pin_error', 'unexpectedly_unpinned']) ?? [])).toEqual([])
    expect((await content?.self())?.repoSize).toBe(heldBytes(world, storeOf(hostOf(world, 'n3'), 'hot')))
  })

  it('fill no pool more than a small world does', async () => {
    for (const { name } of world.hosts) {
      const pools = (await simHost(world, name).storage?.pools()) ?? []
      expect(pools).toHaveLength(3)
      for (const { capacity } of pools) expect(capacity).toBeLessThan(0.75)
    }
  })
})
