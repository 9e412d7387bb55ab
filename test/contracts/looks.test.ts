import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AgentClient, socketAgent } from '../../src/adapters/agent/agent-client.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { listenOn } from '../../src/adapters/system/listen.ts'
import { agentApp } from '../../src/agent/http.ts'
import { addLookRoute } from '../../src/agent/look-route.ts'
import { explain } from '../../src/domain/errors.ts'
import { ProbeTiming } from '../../src/domain/probe.ts'
import { hostLooks } from '../../src/observe/host-looks.ts'
import { type LookName, type LookNow, type LookQuestion, looks } from '../../src/observe/looks.ts'
import { createObserver } from '../../src/observe/observer.ts'
import { simClock } from '../../src/sim/clock.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { simHost } from '../../src/sim/ports.ts'
import { simProcedureWorld } from '../../src/sim/sim-procedures-world.ts'
import { makeSnapshot } from '../builders/make-snapshot.ts'

// One world, looked at by a host's own process, by its agent over a socket, and by procedures in the simulator.

const world = createWorld({ pins: 20 })
const dataset = 'hot-tier/ipfs-cluster'
makeSnapshot(world, 'n1', `${dataset}@old`)
makeSnapshot(world, 'n1', `${dataset}@kept`, 'an id').holds.push(
  { tag: 'zrepl_step', heldAt: world.now },
  { tag: 'of a person', heldAt: world.now },
)
world.hosts[0]?.changing.marks.push({ mark: 'here', operation: 'an id' })

/** A question to each look, of which something is seen: a look without one does not compile. */
const questions: { [Name in LookName]: LookQuestion<Name> } = {
  'pool-status': {},
  pools: {},
  'pool-states': {},
  'practice-marks': {},
  snapshots: { dataset },
  holds: { snapshots: [`${dataset}@kept`] },
}

const marks = async () => [{ mark: 'here', operation: 'an id' }]

function localLooks(): LookNow {
  const host = simHost(world, 'n1')
  const observer = createObserver({
    host,
    timing: ProbeTiming.parse({}),
    clock: systemClock,
    tiercelVersion: '0',
  })
  return hostLooks(host, { observer, marks, clock: systemClock })
}

const folder = mkdtempSync(join(tmpdir(), 'tiercel-looks-'))
const socket = join(folder, 'agent.sock')
const app = agentApp({
  host: 'n1',
  tiercelVersion: '0',
  token: 'right',
  observation: () => {
    throw new Error('not asked here')
  },
  acting: (routes) => addLookRoute(routes, localLooks()),
})
const server = createServer((incoming, outgoing) => void getRequestListener(app.fetch)(incoming, outgoing))
let client: AgentClient

beforeAll(async () => {
  await listenOn(server, socket, 0o600)
  writeFileSync(join(folder, 'token'), 'right', { mode: 0o600 })
  client = socketAgent(socket, { file: join(folder, 'token') })
})
afterAll(() => {
  client.close()
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true })
})

const ways: Record<string, () => LookNow> = {
  'its own process': localLooks,
  'its agent': () => client.control.look,
  'the simulator’s world': () => simProcedureWorld(world, simClock(world)).host('n1').look,
}

const names = Object.keys(questions).filter((name): name is LookName => name in looks)

describe.each(names)('%s', (name) => {
  test('is of its schema, and the same however the host is reached', async () => {
    const answers: unknown[] = []
    for (const way of Object.values(ways)) answers.push(await way()(name, questions[name]))
    const [first, ...others] = answers
    expect(first).toEqual(looks[name].Answer.parse(first))
    expect(Object.keys(first ?? {}).length, 'something is seen').toBeGreaterThan(0)
    for (const other of others) expect(other).toEqual(first)
  })
})

const refusal = async (look: Promise<unknown>): Promise<string> => look.then(() => 'no refusal', explain)

test.each(Object.entries(ways))('%s: what is not there is no empty answer', async (_, way) => {
  expect(await refusal(way()('snapshots', { dataset: 'hot-tier/none' }))).toContain('does not exist')
  expect(await refusal(way()('holds', { snapshots: [`${dataset}@none`] }))).toContain('does not exist')
})

test.each(Object.entries(ways))('%s: a question that is none is refused', async (_, way) => {
  await expect(way()('snapshots', { dataset: '/hot-tier' })).rejects.toThrow('a dataset is named pool/path')
})

test.each(Object.entries(ways))('%s: as many and as long names as a question may hold are taken', async (_, way) => {
  const snapshots = Array.from({ length: 200 }, (__, index) => `${dataset}@${String(index).padStart(230, 's')}`)
  expect(await refusal(way()('holds', { snapshots }))).toContain('does not exist')
})

test('an agent that is asked for what it does not know says what there is', async () => {
  const answer = await app.request('/v1/look', {
    method: 'POST',
    headers: { authorization: 'Bearer right' },
    body: JSON.stringify({ apiVersion: 1, what: 'the weather' }),
  })
  expect(answer.status).toBe(400)
  expect(await answer.text()).toContain('pool-status, pools, pool-states')
})
