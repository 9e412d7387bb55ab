import { describe, expect, test } from 'vitest'
import { bench, peerIdOf } from '../../../test/builders/fleet-view.ts'
import { disk, group, poolStatus } from '../../../test/builders/pool-status.ts'
import { trouble } from '../../../test/builders/readings.ts'
import { reachOf, type TargetKind, targetNames, withoutDisks } from './targets.ts'

const concerned = (kind: TargetKind, names: string[], { view } = bench()) => {
  const { members, notes, isAssumed } = reachOf(view, kind, names)
  return { called: [...members.values()].flat().map(({ called }) => called), notes, isAssumed }
}

test('names are those of the lists', () => {
  const { view } = bench()
  expect(targetNames(view, 'host')).toEqual(['n1', 'n2'])
  expect(targetNames(view, 'kubo')).toEqual(['n1/hot', 'n2/hot'])
  expect(targetNames(view, 'pool')).toEqual(['n1/hot-tier', 'n2/hot-tier'])
  expect(targetNames(view, 'disk')).toContain('n1/hot-tier/sda')
})

test('what is lost with each kind of thing', () => {
  expect(concerned('cluster-daemon', ['n1/hot']).called).toEqual([])
  for (const [kind, name] of [
    ['kubo', 'n1/hot'],
    ['store', 'n1/hot'],
    ['pool', 'n1/hot-tier'],
    ['host', 'n1'],
  ] as const) {
    expect(concerned(kind, [name]).called).toEqual(['n1/hot'])
  }
  expect(concerned('host', ['n1', 'n2']).called).toEqual(['n1/hot', 'n2/hot'])
})

test('who pins into a Kubo that is concerned is concerned too', () => {
  const parts = bench()
  for (const { store } of [parts.n1, parts.n2]) Object.assign(store.peer.last?.value.kubo ?? {}, { id: 'one' })
  expect(concerned('host', ['n1'], parts)).toMatchObject({
    called: ['n1/hot', 'n2/hot'],
    notes: ['n2/hot pins into a Kubo that is concerned.'],
  })
})

describe('disks', () => {
  test('one of a mirror costs nothing; both cost the pool', () => {
    expect(concerned('disk', ['n1/hot-tier/sda'])).toMatchObject({ called: [], isAssumed: false })
    expect(concerned('disk', ['n1/hot-tier/sda', 'n1/hot-tier/sdb']).called).toEqual(['n1/hot'])
  })

  test('the last one that is well costs the pool', () => {
    const parts = bench()
    parts.n1.sda.state = 'FAULTED'
    expect(concerned('disk', ['n1/hot-tier/sdb'], parts).called).toEqual(['n1/hot'])
    expect(concerned('disk', ['n1/hot-tier/sda'], parts).called).toEqual([])
  })

  test('a disk is gone with all of its partitions, in whatever pool they are', () => {
    const parts = bench()
    const { sda: first, sdb: second } = parts.n1
    Object.assign(first, { name: 'sda1', path: '/dev/sda1' })
    Object.assign(second, { name: 'sda2', path: '/dev/sda2' })
    expect(concerned('disk', ['n1/hot-tier/sda1'], parts)).toMatchObject({ called: ['n1/hot'], isAssumed: false })
    Object.assign(second, { name: 'sdaa2', path: '/dev/sdaa2' })
    expect(concerned('disk', ['n1/hot-tier/sda1'], parts).called).toEqual([])
  })

  test('where zpool status is in trouble the pool is assumed to be gone', () => {
    const parts = bench()
    parts.n1.zfs.poolStatus.trouble = trouble('stuck')
    expect(concerned('disk', ['n1/hot-tier/sda'], parts)).toMatchObject({ called: ['n1/hot'], isAssumed: true })
  })

  test('parity is counted for all of them at once; a cache can be done without', () => {
    const raidz = poolStatus('t', [
      group(
        'raidz2-0',
        'raidz',
        ['a', 'b', 'c', 'd', 'e'].map((name) => disk(name)),
      ),
    ])
    raidz.vdevs.cache.push(disk('l2'))
    expect(withoutDisks(raidz, ['a', 'b'])).toBe('kept')
    expect(withoutDisks(raidz, ['a', 'b', 'c'])).toBe('lost')
    expect(withoutDisks(raidz, ['a', 'b', 'l2'])).toBe('kept')
    expect(withoutDisks(poolStatus('t', [disk('a')]), ['a'])).toBe('lost')
  })
})

const unseen = (kind: TargetKind, name: string, { view }: ReturnType<typeof bench>) =>
  reachOf(view, kind, [name]).unseen
const silence = ({ view }: ReturnType<typeof bench>): void => {
  const [first] = view.hosts
  if (first !== undefined) first.contact = { state: 'unreachable', error: 'no answer', at: view.at }
}

describe('what nobody knows is no yes', () => {
  test('nothing is unseen where every store is declared, whether its host answers or not', () => {
    const parts = bench()
    expect(unseen('host', 'n1', parts)).toEqual([])
    expect(unseen('pool', 'n1/hot-tier', parts)).toEqual([])
    silence(parts)
    expect(unseen('host', 'n1', parts)).toEqual([])
    expect(unseen('pool', 'n1/hot-tier', parts)).toEqual([])
  })

  test('a host of which no file declares a store, silent or not', () => {
    const parts = bench()
    parts.fleet.hosts[0]?.stores.splice(0)
    parts.n1.observation.stores.splice(0)
    expect(unseen('host', 'n1', parts)).toEqual([expect.stringContaining('no store of n1 is declared')])
    expect(unseen('pool', 'n1/hot-tier', parts)).toEqual([expect.stringContaining('no store of n1 is declared')])
    expect(unseen('host', 'n2', parts)).toEqual([])
    silence(parts)
    expect(unseen('host', 'n1', parts)).toEqual(['n1 does not answer, and the fleet file declares no store of it'])
  })

  test('a store of a cluster that the fleet file does not have', () => {
    const parts = bench()
    parts.fleet.clusters.splice(0)
    const told = ['n1/hot is of cluster main, which the fleet file does not declare']
    expect(unseen('host', 'n1', parts)).toEqual(told)
    expect(unseen('pool', 'n1/hot-tier', parts)).toEqual(told)
    expect(reachOf(parts.view, 'host', ['n1']).notes).toEqual([])
  })

  test('a store that no file puts on a pool, for pools and for disks that a pool cannot do without', () => {
    const parts = bench()
    for (const store of [...(parts.fleet.hosts[0]?.stores ?? []), ...parts.n1.observation.stores]) delete store.pool
    const told = ['no file says on which pool n1/hot lies']
    expect(unseen('pool', 'n1/hot-tier', parts)).toEqual(told)
    expect(unseen('disk', 'n1/hot-tier/sda', parts)).toEqual([])
    expect(reachOf(parts.view, 'disk', ['n1/hot-tier/sda', 'n1/hot-tier/sdb']).unseen).toEqual(told)
    expect(unseen('host', 'n1', parts)).toEqual([])
  })
})

const undeclared = ({ fleet }: ReturnType<typeof bench>): void => {
  for (const store of fleet.hosts[0]?.stores ?? []) delete store.peer
}

describe('who it is that would be stopped', () => {
  test('a peer whose ID nobody knows, since its agent is silent and no file has it', () => {
    const parts = bench()
    undeclared(parts)
    expect(unseen('host', 'n1', parts)).toEqual([])
    silence(parts)
    for (const kind of ['host', 'store', 'kubo'] as const) {
      const told = ['n1/hot: nobody knows the ID of its peer']
      expect(unseen(kind, kind === 'host' ? 'n1' : 'n1/hot', parts)).toEqual(told)
    }
  })

  test('a peer that is another than the fleet file declares', () => {
    const parts = bench()
    Object.assign(parts.fleet.hosts[0]?.stores[0] ?? {}, { peer: peerIdOf(9) })
    expect(unseen('pool', 'n1/hot-tier', parts)).toEqual([
      expect.stringContaining(`declares its peer as ${peerIdOf(9)}`),
    ])
  })

  test('a peer that was set up anew while nobody declares it', () => {
    const parts = bench()
    undeclared(parts)
    Object.assign(parts.n1.store.pinset.last?.value ?? {}, { peer: peerIdOf(9) })
    expect(unseen('host', 'n1', parts)).toEqual([expect.stringContaining('its peer has been')])
  })

  test('a peer that two stores are said to be', () => {
    const parts = bench()
    Object.assign(parts.fleet.hosts[1]?.stores[0] ?? {}, { peer: parts.n1.peerId })
    expect(unseen('host', 'n1', parts)).toEqual([expect.stringContaining('others are said to be the peer')])
  })
})

test('a store beside, of whose Kubo nobody knows which it is, may pin into the one that is stopped', () => {
  const parts = bench()
  const [first] = parts.fleet.hosts[0]?.stores ?? []
  if (first === undefined) throw new Error('the bench has a store')
  parts.fleet.hosts[0]?.stores.push({ ...first, name: 'warm', peer: peerIdOf(7) })
  const told = [expect.stringContaining('n1/warm: nobody knows into which Kubo it pins')]
  expect(unseen('store', 'n1/hot', parts)).toEqual(told)
  expect(unseen('host', 'n1', parts)).toEqual([])
})
