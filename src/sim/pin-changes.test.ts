import { describe, expect, it } from 'vitest'
import { createWorld, defaultStores } from './create-world.ts'
import { PinRefused } from './allocate.ts'
import { membersOf } from './lookup.ts'
import { addPin, type PinWish, recoverPins, removeKuboPin, removePin } from './pin-changes.ts'
import { describePinOn, failedRemovals, isInKubo } from './pin-view.ts'
import { pinOf, pinsetNamed } from './pinset.ts'
import { isKuboPinned } from './sim-content.ts'
import type { SimStore, World } from './world.ts'

const cid = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzai'
const other = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzbi'
const minute = 60_000

/** Five hosts with one store each: p0 to p4, and the means to pin on them by number. */
function fivePeers(seed = 1) {
  const hosts = ['a', 'b', 'c', 'd', 'e']
  const world = createWorld({ seed, hosts, stores: defaultStores.slice(0, 1), pins: 10 })
  const members = membersOf(world, 'main')
  const store = (number: number): SimStore => {
    const found = members[number]?.store
    if (found === undefined) throw new Error(`no peer ${number}`)
    return found
  }
  const ids = (...numbers: number[]) => numbers.map((number) => store(number).peer.id)
  const pin = (wish: Partial<PinWish> & { copies: number }) =>
    addPin(world, 'main', {
      cid,
      name: 'test',
      replicationMin: wish.copies,
      replicationMax: wish.copies,
      metadata: {},
      userAllocations: [],
      ...wish,
    })
  const holders = (of = cid) => {
    const peers = pinOf(pinsetNamed(world, 'main'), of)?.holders.map(({ peer }) => peer) ?? []
    return members.flatMap((member, number) => (peers.includes(member.store.peer.id) ? [number] : []))
  }
  const on = (number: number, of = cid) => {
    const found = pinOf(pinsetNamed(world, 'main'), of)
    return found === undefined ? undefined : describePinOn(world, found, store(number))
  }
  return { world, members, store, ids, pin, holders, on }
}

const later = (world: World, by: number) => {
  world.now += by
}

describe('pinning anew (facts measured on ipfs-cluster 1.1.6)', () => {
  it('ignores the wish where enough peers hold the pin, and wipes metadata', () => {
    const { pin, ids, holders, world } = fivePeers()
    pin({ copies: 2, userAllocations: ids(0, 1), metadata: { a: 'b' } })
    pin({ copies: 2, userAllocations: ids(2, 3) })
    expect(holders()).toEqual([0, 1])
    expect(pinOf(pinsetNamed(world, 'main'), cid)?.metadata).toEqual({})
  })

  it('does not grow between least and most', () => {
    const { pin, ids, holders } = fivePeers()
    pin({ copies: 2, userAllocations: ids(0, 1) })
    pin({ copies: 2, replicationMax: 3, userAllocations: ids(4) })
    expect(holders()).toEqual([0, 1])
  })

  it('keeps who holds it, and adds the wished ones', () => {
    const { pin, ids, holders } = fivePeers()
    pin({ copies: 2, userAllocations: ids(0, 1) })
    pin({ copies: 4, userAllocations: ids(2, 3) })
    expect(holders()).toEqual([0, 1, 2, 3])
  })

  it('sheds holders at random, whatever is wished', () => {
    const left = new Set<string>()
    for (let seed = 1; seed <= 40; seed += 1) {
      const { pin, ids, holders } = fivePeers(seed)
      pin({ copies: 4, userAllocations: ids(0, 1, 2, 3) })
      pin({ copies: 2, userAllocations: ids(2, 3) })
      expect(holders()).toHaveLength(2)
      left.add(holders().join())
    }
    expect(left.size).toBeGreaterThan(3)
  })

  it('keeps a dead holder in the list while enough live ones are there, and drops it otherwise', () => {
    const { world, pin, ids, holders, store } = fivePeers()
    pin({ copies: 3, replicationMin: 1, userAllocations: ids(0, 1, 2) })
    store(1).peer.downSince = world.now
    later(world, minute)
    pin({ copies: 3, replicationMin: 2 })
    expect(holders()).toEqual([0, 1, 2])
    pin({ copies: 3 })
    expect(holders()).not.toContain(1)
    expect(holders()).toHaveLength(3)
  })

  it('knows no peer whose free space is not told any more', () => {
    const { world, pin, store, holders } = fivePeers()
    store(0).kubo.downSince = world.now
    later(world, minute)
    pin({ copies: 4 })
    expect(holders()).toEqual([1, 2, 3, 4])
    expect(() => pin({ copies: 5, cid: other })).toThrow(PinRefused)
  })

  it('takes one peer a host as long as there are hosts', () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const world = createWorld({ seed, pins: 10 })
      const added = addPin(world, 'main', {
        cid,
        name: '',
        replicationMin: 3,
        replicationMax: 3,
        metadata: {},
        userAllocations: [],
      })
      const hosts = membersOf(world, 'main').flatMap(({ host, store }) =>
        added.holders.some(({ peer }) => peer === store.peer.id) ? [host.name] : [],
      )
      expect(new Set(hosts).size).toBe(3)
    }
  })

  it('unpins at the old holders before the new ones have anything', () => {
    const { world, pin, ids, on, store } = fivePeers()
    pin({ copies: 1, userAllocations: ids(0) })
    pin({ copies: 1, cid: other, userAllocations: ids(1) })
    later(world, minute)
    pin({ copies: 1, updateOf: other })
    expect(on(0)?.status).toBe('remote')
    expect(on(1)?.status).toBe('pin_queued')
    expect([0, 1].filter((number) => isKuboPinned(world, store(number), cid))).toEqual([])
    later(world, minute)
    expect(on(1)?.status).toBe('pinned')
  })

  it('goes through the queue where it is pinned already, without losing it', () => {
    const { world, pin, on, store } = fivePeers()
    pin({ copies: 5 })
    later(world, minute)
    pin({ copies: 5, name: 'again' })
    expect(on(2)?.status).toBe('pin_queued')
    expect(isKuboPinned(world, store(2), cid)).toBe(true)
    later(world, 600)
    expect(on(2)?.status).toBe('pinned')
  })

  it('is gone at the first clean-up after it has expired', () => {
    const { world, pin, holders, store } = fivePeers()
    pin({ copies: 5, expiresAt: world.now + minute })
    later(world, minute - 1)
    expect(holders()).toHaveLength(5)
    later(world, 5 * minute)
    expect(holders()).toEqual([])
    expect(isKuboPinned(world, store(0), cid)).toBe(false)
  })
})

describe('a copy that is not to be there', () => {
  it('stays where the unpin failed, until the pin is written again', () => {
    const { world, pin, ids, on, store } = fivePeers()
    pin({ copies: 1, userAllocations: ids(0) })
    pin({ copies: 1, cid: other, userAllocations: ids(1) })
    later(world, minute)
    store(0).kubo.downSince = world.now
    pin({ copies: 1, updateOf: other })
    store(0).kubo.downSince = null
    expect(on(0)).toMatchObject({ status: 'remote', error: expect.stringContaining('refused') })
    recoverPins(world, 'main', [store(0)])
    expect(isKuboPinned(world, store(0), cid)).toBe(true)
    pin({ copies: 1 })
    expect(isKuboPinned(world, store(0), cid)).toBe(false)
    expect(on(0)?.error).toBe('')
  })

  it('stays where a pin was deleted while Kubo was down, with nothing but the queue to tell of it', () => {
    const { world, pin, store } = fivePeers()
    pin({ copies: 5 })
    later(world, minute)
    store(3).kubo.downSince = world.now
    removePin(world, 'main', cid)
    store(3).kubo.downSince = null
    expect(failedRemovals(world, store(3))).toMatchObject([{ cid, status: 'unpin_error' }])
    expect(failedRemovals(world, store(2))).toEqual([])
    recoverPins(world, 'main', [store(3)])
    expect(isKuboPinned(world, store(3), cid)).toBe(true)
    expect(removeKuboPin(world, store(3), cid)).toBe(true)
    expect(isKuboPinned(world, store(3), cid)).toBe(false)
  })

  it('is unpinned by a peer that was down, as soon as it is back, and does not come back with the next stop', () => {
    const { world, pin, store } = fivePeers()
    pin({ copies: 5 })
    later(world, minute)
    store(4).peer.downSince = world.now
    removePin(world, 'main', cid)
    expect(isKuboPinned(world, store(4), cid)).toBe(true)
    store(4).peer.downSince = null
    expect(isKuboPinned(world, store(4), cid)).toBe(false)
    later(world, minute)
    store(4).peer.downSince = world.now
    expect(isKuboPinned(world, store(4), cid)).toBe(false)
  })
})

/** Five copies, and p1 has lost its own. */
function lost() {
  const peers = fivePeers()
  peers.pin({ copies: 5 })
  later(peers.world, minute)
  expect(removeKuboPin(peers.world, peers.store(1), cid)).toBe(true)
  return peers
}

describe('a copy that its Kubo lost', () => {
  it('is noticed by nobody until the peer recovers by itself', () => {
    const { world, on, store } = lost()
    expect(on(1)?.status).toBe('unexpectedly_unpinned')
    expect(on(2)?.status).toBe('pinned')
    later(world, 12 * minute)
    expect(on(1)?.status).toBe('pinned')
    expect(isKuboPinned(world, store(1), cid)).toBe(true)
  })

  it('is queued again when it is recovered, on the peers that were asked', () => {
    const { world, on, store } = lost()
    expect(recoverPins(world, 'main', [store(2)])).toEqual([])
    expect(recoverPins(world, 'main', [store(1)])).toHaveLength(1)
    expect(on(1)?.status).toBe('pin_queued')
    const pin = pinOf(pinsetNamed(world, 'main'), cid)
    expect(pin !== undefined && isInKubo(world, pin, store(1))).toBe(false)
  })
})
