import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { socketAgent } from '../../src/adapters/agent/agent-client.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { isFinal, type Operation, type OperationState } from '../../src/domain/operation.ts'
import { simulatorClient } from '../../src/sim/process/client.ts'
import { operationIdAt } from '../builders/operation-id.ts'
import { scrubPolicy } from '../contracts/agent-bench.ts'
import { signerFor } from '../builders/signer.ts'

// An agent and an executor, each a process of its own, on a simulated host in a third process.

const folder = mkdtempSync(join(tmpdir(), 'tiercel-host-'))
const at = (name: string) => join(folder, name)
const root = join(import.meta.dirname, '../..')
const children: ChildProcess[] = []

async function start(file: string, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, file), ...args], { stdio: ['pipe', 'pipe', 'ignore'] })
  children.push(child)
  for await (const _ of createInterface({ input: child.stdout })) return
  throw new Error(`${file} has ended`)
}

beforeAll(async () => {
  writeFileSync(at('token'), 'right\n', { mode: 0o600 })
  writeFileSync(at('policy.yaml'), scrubPolicy)
  const place = JSON.stringify({
    host: 'n2',
    simulator: at('sim.sock'),
    state: at('state.json'),
    folder,
    token: at('token'),
    policy: at('policy.yaml'),
  })
  await start('src/sim/process/main.ts', '--socket', at('sim.sock'), '--state', at('state.json'), '--pins', '20')
  await start('proof/simulated-host-executor.ts', place)
  await start('proof/simulated-host-agent.ts', place)
})

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const Effects = z.object({ effects: z.array(z.object({ kind: z.string(), subject: z.string() })) })

const control = (method: string, path: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const sent = request({ socketPath: at('sim.sock'), method, path }, (response) => {
      json(response).then(resolve, reject)
    })
    sent.once('error', reject)
    sent.end()
  })
const effects = async () => Effects.parse(await control('GET', '/effects')).effects

test('operations of the real agent have their effect in the simulated world, once, and are seen there', async () => {
  const client = socketAgent(at('agent.sock'), { file: at('token') }, { file: at('token') })
  const authority = { controller: 'one', epoch: 1 }
  const signer = signerFor('one')
  await client.control.claim({ host: 'n2', authority, takeOver: false, signer, at: systemClock.now() })
  const changes = client.changes({ host: 'n2', authority: () => authority, signer, clock: systemClock })
  const world = await simulatorClient(at('sim.sock')).world()
  const pool = world.hosts.find(({ name }) => name === 'n2')?.pools[0]
  const target = { pool: 'hot-tier', guid: pool?.guid ?? '' }
  const ids: string[] = []
  const done = async (operation: Operation): Promise<OperationState | undefined> => {
    const id = operationIdAt(Date.now())
    ids.push(id)
    await changes.submit(id, operation)
    await changes.submit(id, operation)
    let last: OperationState | undefined
    for await (const state of changes.watch(id)) if (isFinal(state)) last = state
    return last
  }
  expect(await done({ kind: 'scrub-start', ...target, errorsOnly: false })).toMatchObject({
    state: 'succeeded',
    result: { outcome: 'started' },
    commands: [{ command: expect.stringContaining('zpool get') }, { command: 'zpool scrub hot-tier' }],
  })
  expect((await client.control.look('pool-status', {}))[0]?.scans).toMatchObject([
    { kind: 'scrub', state: 'in-progress' },
  ])
  expect(await done({ kind: 'scrub-pause', ...target })).toMatchObject({ result: { outcome: 'paused' } })
  expect(await done({ kind: 'scrub-stop', ...target })).toMatchObject({ result: { outcome: 'stopped' } })
  const by = (index: number) => `n2/hot-tier by ${ids[index]}`
  expect(await effects()).toMatchObject([
    { kind: 'scrub started', subject: by(0) },
    { kind: 'scrub paused', subject: by(1) },
    { kind: 'scrub stopped', subject: by(2) },
  ])
  client.close()
})

test('a program that hangs in the kernel of the simulated host does not answer', async () => {
  await control('POST', '/faults/pool-suspended')
  const late = AbortSignal.timeout(500)
  await expect(
    simulatorClient(at('sim.sock')).exec('n3', { file: 'zpool', args: ['scrub', 'hot-tier'] }, late),
  ).rejects.toMatchObject({ name: 'Unreachable', cause: { name: 'TimeoutError' } })
  const other = await simulatorClient(at('sim.sock')).exec('n3', {
    file: 'zpool',
    args: ['get', '-Hp', '-o', 'value', 'health', 'hot-tier'],
  })
  expect(other).toEqual({ exitCode: 0, stdout: 'SUSPENDED\n', stderr: '' })
  expect(await simulatorClient(at('sim.sock')).exec('n3', { file: 'rm', args: ['-rf', '/'] })).toMatchObject({
    exitCode: 127,
  })
})
