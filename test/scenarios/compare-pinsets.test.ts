import { describe, expect, test } from 'vitest'
import { comparePinsets, type ComparedPeer } from '../../src/domain/pins/compare.ts'
import { newHeldCid } from '../builders/new-cid.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { hostOf, storeOf } from '../../src/sim/lookup.ts'
import { addPin, removePin } from '../../src/sim/pin-changes.ts'
import { simHost } from '../../src/sim/ports.ts'
import { splitCluster } from '../../src/sim/split.ts'
import type { World } from '../../src/sim/world.ts'

const noTime = { most: 1000, settle: () => Promise.resolve() }

/** The hot stores of three hosts, each on its own side of a split. */
function splitWorld() {
  const world = createWorld({ pins: 300 })
  const stores = ['n1', 'n2', 'n3'].map((host) => storeOf(hostOf(world, host), 'hot'))
  splitCluster(
    world,
    'main',
    stores.map(({ peer }) => [peer.id]),
  )
  return { world, stores }
}

async function peersOf(world: World): Promise<ComparedPeer[]> {
  const peers = ['n1', 'n2', 'n3'].map((host) => {
    const index = simHost(world, host).stores.find(({ declaration }) => declaration.name === 'hot')?.pinIndex
    if (index === undefined) throw new Error(`no ${host}/hot`)
    return { name: `${host}/hot`, index }
  })
  for (const { index } of peers) await index.refresh()
  return peers
}

const wish = (cid: string, changed: Partial<Parameters<typeof addPin>[2]> = {}) => ({
  cid,
  name: 'new',
  metadata: {},
  replicationMin: -1,
  replicationMax: -1,
  userAllocations: [],
  ...changed,
})

describe('peers that were split and changed on both sides', () => {
  test('agree on nothing that was changed, and on all else', async () => {
    const { world, stores } = splitWorld()
    const [one, two] = stores
    const [onlyOne, both] = [newHeldCid(), newHeldCid()]
    addPin(world, 'main', wish(onlyOne), one)
    addPin(world, 'main', wish(both, { name: 'here' }), one)
    addPin(world, 'main', wish(both, { name: 'there' }), two)
    const gone = (await Array.fromAsync(simHost(world, 'n1').stores[0]?.pinning?.allocations() ?? []))[7]?.cid ?? ''
    removePin(world, 'main', gone, two)
    const { groups, divergences, inFlight, isCut } = await comparePinsets(await peersOf(world), noTime)
    expect(groups).toHaveLength(3)
    expect({ inFlight, isCut }).toEqual({ inFlight: 0, isCut: false })
    expect(divergences.map(({ cid }) => cid).toSorted()).toEqual([onlyOne, both, gone].toSorted())
    const sidesOf = (cid: string) =>
      divergences
        .find((divergence) => divergence.cid === cid)
        ?.sides.map(({ peers, pin }) => [peers.toSorted().join(' '), pin?.name ?? null])
        .toSorted()
    expect(sidesOf(onlyOne)).toEqual([
      ['n1/hot', 'new'],
      ['n2/hot n3/hot', null],
    ])
    expect(sidesOf(both)).toEqual([
      ['n1/hot', 'here'],
      ['n2/hot', 'there'],
      ['n3/hot', null],
    ])
  })

  test('a pin that arrives between two looks is in flight, and no divergence', async () => {
    const { world, stores } = splitWorld()
    const [late, never] = [newHeldCid(), newHeldCid()]
    for (const cid of [late, never]) addPin(world, 'main', wish(cid), stores[0])
    const peers = await peersOf(world)
    const arrive = async () => {
      for (const store of stores.slice(1)) addPin(world, 'main', wish(late), store)
    }
    const { divergences, inFlight } = await comparePinsets(peers, { ...noTime, settle: arrive })
    expect(inFlight).toBe(1)
    expect(divergences.map(({ cid }) => cid)).toEqual([never])
  })

  test('that is seen here: without the second look, a pin in flight is called diverged', async () => {
    const { world, stores } = splitWorld()
    const late = newHeldCid()
    addPin(world, 'main', wish(late), stores[0])
    const { divergences, inFlight } = await comparePinsets(await peersOf(world), noTime)
    for (const store of stores.slice(1)) addPin(world, 'main', wish(late), store)
    expect(inFlight).toBe(0)
    expect(divergences.map(({ cid }) => cid)).toEqual([late])
  })

  test('more than is looked into is said to be more', async () => {
    const { world, stores } = splitWorld()
    for (let count = 0; count < 40; count += 1) addPin(world, 'main', wish(newHeldCid()), stores[0])
    const { divergences, isCut } = await comparePinsets(await peersOf(world), { ...noTime, most: 10 })
    expect(divergences.length).toBeGreaterThan(0)
    expect(divergences.length).toBeLessThanOrEqual(10)
    expect(isCut).toBe(true)
  })
})

test('peers of a whole cluster agree', async () => {
  const { groups, divergences } = await comparePinsets(await peersOf(createWorld({ pins: 300 })), noTime)
  expect(groups).toHaveLength(1)
  expect(divergences).toEqual([])
})
