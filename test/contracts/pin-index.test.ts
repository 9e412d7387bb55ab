import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { socketAgent } from '../../src/adapters/agent/agent-client.ts'
import { listenOn } from '../../src/adapters/system/listen.ts'
import { agentApp } from '../../src/agent/http.ts'
import { Share } from '../../src/domain/units.ts'
import { buildIndex } from '../../src/pinindex/build-index.ts'
import { localPinIndex } from '../../src/pinindex/local-pin-index.ts'
import { unhurriedly } from '../../src/pinindex/pace.ts'
import { createSchedule } from '../../src/pinindex/schedule.ts'
import { simClock } from '../../src/sim/clock.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { hostOf, storeOf } from '../../src/sim/lookup.ts'
import { addKuboPin, addPin, removePin } from '../../src/sim/pin-changes.ts'
import { simHost } from '../../src/sim/ports.ts'
import { bench as observedBench } from '../builders/fleet-view.ts'
import { newHeldCid } from '../builders/new-cid.ts'
import { pinIndexContract } from './pin-index.contract.ts'

function openWorld() {
  const world = createWorld({ pins: 60 })
  const store = storeOf(hostOf(world, 'n1'), 'hot')
  const ports = simHost(world, 'n1').stores.find(({ declaration }) => declaration.name === 'hot')
  const { pinning, content, pinIndex } = ports ?? {}
  if (pinning === undefined || content === undefined || pinIndex === undefined) throw new Error('no n1/hot')
  const changes = {
    newCid: newHeldCid,
    pin: async (cid: string) => {
      const wish = { cid, name: 'new', metadata: {}, replicationMin: -1, replicationMax: -1, userAllocations: [] }
      addPin(world, store.cluster, wish)
    },
    unpin: async (cid: string) => void removePin(world, store.cluster, cid),
    pinInKubo: async (cid: string) => addKuboPin(world, store, cid),
  }
  return { world, clock: simClock(world), pinning, content, pinIndex, changes }
}

/** The files of an agent, made from the lists of the simulator. */
function openFiles() {
  const { clock, pinning, content, changes } = openWorld()
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-pins-'))
  const schedule = createSchedule({
    make: () =>
      buildIndex({ folder, pinning, content, clock, pace: unhurriedly, signal: new AbortController().signal }),
    share: Share.parse(0.05),
    clock,
  })
  const index = localPinIndex({ folder, pinning, refresher: schedule })
  return { index, folder, changes, close: async () => rmSync(folder, { recursive: true }) }
}

pinIndexContract('the simulator', async () => {
  const { pinIndex, changes } = openWorld()
  return { index: pinIndex, ...changes, close: () => Promise.resolve() }
})

pinIndexContract('the files of an agent', async () => {
  const { index, changes, close } = openFiles()
  return { index, ...changes, close }
})

pinIndexContract('an agent, asked over its socket', async () => {
  const { index, folder, changes, close } = openFiles()
  let running: Promise<unknown> | undefined
  const served = {
    ...index,
    begin() {
      running ??= index.refresh().finally(() => {
        running = undefined
      })
    },
    progress: () => ({ isRunning: running !== undefined, failure: null }),
  }
  const app = agentApp({
    host: 'n1',
    tiercelVersion: '0',
    token: 'open sesame',
    observation: () => observedBench().n1.observation,
    pinIndexOf: (store) => (store === 'hot' ? served : undefined),
  })
  const listener = getRequestListener(app.fetch)
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  const socket = join(folder, 'agent.sock')
  await listenOn(server, socket, 0o600)
  process.env['TIERCEL_TEST_TOKEN'] = 'open sesame'
  const client = socketAgent(socket, { env: 'TIERCEL_TEST_TOKEN' })
  return {
    index: client.pins('hot'),
    ...changes,
    async close() {
      client.close()
      server.closeAllConnections()
      server.close()
      await close()
    },
  }
})
