import { describe, expect, it } from 'vitest'
import { PeerId } from '../domain/fleet.ts'
import { createWorld } from './create-world.ts'
import { membersOf } from './lookup.ts'
import { pinsetNamed, pinsOf } from './pinset.ts'

describe('createWorld', () => {
  it('gives the same world for the same seed', () => {
    expect(JSON.stringify(createWorld({ seed: 7 }))).toBe(JSON.stringify(createWorld({ seed: 7 })))
  })

  it('gives another world for another seed', () => {
    expect(JSON.stringify(createWorld({ seed: 7 }))).not.toBe(JSON.stringify(createWorld({ seed: 8 })))
  })

  it('is plain data: JSON loses nothing', () => {
    const world = createWorld()
    expect(JSON.parse(JSON.stringify(world))).toEqual(world)
  })

  it('has three hosts with three stores each, and nine peers in one cluster', () => {
    const world = createWorld()
    expect(world.hosts.map(({ name, stores }) => [name, stores.map((store) => store.name)])).toEqual(
      ['n1', 'n2', 'n3'].map((name) => [name, ['hot', 'warm', 'cold']]),
    )
    expect(membersOf(world, 'main')).toHaveLength(9)
    expect(world.hosts[0]?.pools.map(({ name, vdevs: [vdev] }) => [name, vdev?.name, vdev?.disks.length])).toEqual([
      ['hot-tier', 'mirror-0', 2],
      ['warm-tier', 'raidz1-0', 3],
      ['cold-tier', 'raidz2-0', 6],
    ])
  })

  it('names peers and content as libp2p and IPFS do', () => {
    const world = createWorld()
    const peers = membersOf(world, 'main').flatMap(({ store }) => [store.peer.id, store.kubo.id])
    expect(new Set(peers).size).toBe(18)
    for (const id of peers) {
      expect(PeerId.safeParse(id).success).toBe(true)
      expect(id).toMatch(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/)
    }
    const pins = [...pinsOf(pinsetNamed(world, 'main'))]
    expect(pins).toHaveLength(300)
    for (const { cid } of pins) expect(cid).toMatch(/^bafybei[a-z2-7]{52}$/)
  })

  it('holds each pin two or three times, each time on another host', () => {
    const world = createWorld()
    const hostOfPeer = new Map(membersOf(world, 'main').map(({ host, store }) => [store.peer.id, host.name]))
    for (const { holders } of pinsOf(pinsetNamed(world, 'main'))) {
      const hosts = holders.map(({ peer }) => hostOfPeer.get(peer))
      expect([2, 3]).toContain(hosts.length)
      expect(new Set(hosts).size).toBe(hosts.length)
    }
  })

  it('makes small worlds too', () => {
    const world = createWorld({ hosts: ['only'], pins: 4 })
    expect(world.hosts).toHaveLength(1)
    expect([...pinsOf(pinsetNamed(world, 'main'))].every(({ holders }) => holders.length === 1)).toBe(true)
  })
})
