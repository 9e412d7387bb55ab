import { createServer } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { socketLogs } from '../../src/adapters/agent/agent-logs.ts'
import { localLogs } from '../../src/adapters/logs/local-logs.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { listenOn } from '../../src/adapters/system/listen.ts'
import { agentApp } from '../../src/agent/http.ts'
import { LocalStore } from '../../src/domain/fleet.ts'
import type { Clock } from '../../src/domain/ports/clock.ts'
import { Instant, minutes } from '../../src/domain/units.ts'
import { simClock } from '../../src/sim/clock.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { applyFault, mendFault } from '../../src/sim/faults/index.ts'
import { hostOf } from '../../src/sim/lookup.ts'
import { simLogs } from '../../src/sim/sim-logs.ts'
import { fakeJournal } from '../builders/fake-journal.ts'
import { type LogsBench, logsContract } from './logs.contract.ts'

const stores = [
  LocalStore.parse({ name: 'hot', tier: 'hot', cluster: 'main', units: { cluster: 'ipfs-cluster@hot.service' } }),
  LocalStore.parse({ name: 'cold', tier: 'cold', cluster: 'main', units: { cluster: 'ipfs-cluster@cold.service' } }),
]

/** This machine's own, over a program that stands in for journalctl. */
async function local(): Promise<LogsBench> {
  const journal = fakeJournal()
  const since = Instant.parse(Date.now() - 60_000)
  const unit = 'ipfs-cluster@hot.service'
  const lines = Array.from({ length: 12 }, (_, index) => ({ at: since + index * 1000, text: `line ${index}`, unit }))
  journal.say(...lines, { at: since + 20_000, text: 'broken', unit, priority: 3 })
  const logs = localLogs({
    stores,
    clock: systemClock,
    exec: () => Promise.reject(new Error('runs nothing')),
    executor: undefined,
    isRoot: true,
    journalctl: journal.program,
  })
  return {
    logs,
    store: 'hot',
    since,
    sayMore: async () => journal.say({ at: since + 30_000, text: 'more', unit }),
    close: async () => journal.remove(),
  }
}

/** The simulator's; its time goes on as long as somebody waits for it. */
async function simulated(): Promise<LogsBench> {
  const world = createWorld({ startAt: 1_795_477_000_000 })
  const still = simClock(world)
  const clock: Clock = {
    now: () => still.now(),
    after(delay, run) {
      const callOff = still.after(delay, run)
      setImmediate(() => still.advance(delay))
      return callOff
    },
  }
  const since = clock.now()
  // The first host whose peer can be killed.
  still.advance(minutes(60))
  applyFault(world, 'cluster-killed')
  const killed = world.hosts.find(({ stores: some }) => some.some(({ peer }) => peer.downSince !== null))
  const store = killed?.stores.find(({ peer }) => peer.downSince !== null)
  if (killed === undefined || store === undefined) throw new Error('no peer was killed')
  mendFault(world, 'cluster-killed')
  still.advance(minutes(1))
  return {
    logs: simLogs(world, hostOf(world, killed.name), clock),
    store: store.name,
    since,
    sayMore: async () => still.advance(minutes(5)),
    close: async () => undefined,
  }
}

const observation = (): never => {
  throw new Error('not asked for')
}

/** The same over an agent's socket. */
async function remote(): Promise<LogsBench> {
  const bench = await local()
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-logs-'))
  writeFileSync(join(folder, 'token'), 'right\n', { mode: 0o600 })
  const app = agentApp({ host: 'n1', tiercelVersion: '0', token: 'right', observation, logs: bench.logs })
  const listener = getRequestListener(app.fetch)
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await listenOn(server, join(folder, 'sock'), 0o600)
  return {
    ...bench,
    logs: socketLogs(join(folder, 'sock'), { file: join(folder, 'token') }),
    close: async () => {
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true })
      await bench.close()
    },
  }
}

logsContract('simulator', simulated)
logsContract('this machine', local)
logsContract('an agent over its socket', remote)
