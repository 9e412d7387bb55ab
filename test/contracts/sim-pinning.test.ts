import { simClock } from '../../src/sim/clock.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { hostOf, storeOf } from '../../src/sim/lookup.ts'
import { addKuboPin, addPin, removeKuboPin, removePin } from '../../src/sim/pin-changes.ts'
import { simHost } from '../../src/sim/ports.ts'
import { createFaces } from '../../src/sim/process/faces.ts'
import { createSimulator } from '../../src/sim/process/simulator.ts'
import type { SimStore, World } from '../../src/sim/world.ts'
import { seconds } from '../../src/domain/units.ts'
import { contentContract } from './content.contract.ts'
import { newAbsentCid, newHeldCid } from '../builders/new-cid.ts'
import { httpContentBench, httpPinningBench } from './http-bench.ts'
import { pinningContract } from './pinning.contract.ts'

const pass = seconds(10)

function report(error: unknown): never {
  throw error
}

function openWorld() {
  const world = createWorld({ pins: 60 })
  const store = storeOf(hostOf(world, 'n1'), 'hot')
  const ports = simHost(world, 'n1').stores.find(({ declaration }) => declaration.name === 'hot')
  if (ports?.pinning === undefined || ports.content === undefined) throw new Error('the default world has n1/hot')
  return { world, store, pinning: ports.pinning, content: ports.content }
}

function pinOnEvery(
  world: World,
  store: SimStore,
  wish: { cid: string; name: string; metadata: Record<string, string> },
) {
  return addPin(world, store.cluster, { ...wish, replicationMin: -1, replicationMax: -1, userAllocations: [] })
}

function pinWithoutProvider(world: World, store: SimStore): string {
  const cid = newAbsentCid()
  for (const holder of pinOnEvery(world, store, { cid, name: 'absent', metadata: {} }).holders) {
    holder.failure = { at: world.now, error: 'context canceled', attempts: 1 }
  }
  return cid
}

/** The HTTP faces of a world whose time moves by `settle` only. */
async function openFaces() {
  const { world, store } = openWorld()
  const simulator = createSimulator({ world, save: () => undefined, realTime: undefined })
  const faces = createFaces({ simulator, knownPorts: {}, report })
  await faces.reconcile()
  const url = (daemon: string) => `http://127.0.0.1:${faces.ports()[`n1/hot/${daemon}`] ?? 0}`
  const settle = async () => simulator.advance(pass)
  const options = { settle, pinUnfetchable: async () => pinWithoutProvider(world, store), close: () => faces.close() }
  return { url, options }
}

pinningContract('the simulator', async () => {
  const { world, store, pinning } = openWorld()
  const clock = simClock(world)
  return {
    pinning,
    newCid: newHeldCid,
    pin: async (cid, options) => void pinOnEvery(world, store, { cid, ...options }),
    unpin: async (cid) => void removePin(world, store.cluster, cid),
    pinUnfetchable: async () => pinWithoutProvider(world, store),
    settle: async () => clock.advance(pass),
    close: () => Promise.resolve(),
  }
})

pinningContract('the simulator, over HTTP', async () => {
  const { url, options } = await openFaces()
  return httpPinningBench(url('peer'), options)
})

contentContract('the simulator', async () => {
  const { world, store, content } = openWorld()
  const clock = simClock(world)
  return {
    content,
    newCid: newHeldCid,
    pin: async (cid) => addKuboPin(world, store, cid),
    unpin: async (cid) => void removeKuboPin(world, store, cid),
    settle: async () => clock.advance(pass),
    close: () => Promise.resolve(),
  }
})

contentContract('the simulator, over HTTP', async () => {
  const { url, options } = await openFaces()
  return httpContentBench(url('kubo'), options)
})
