import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWorld } from '../../src/sim/create-world.ts'
import { applyFault } from '../../src/sim/faults/index.ts'
import { createFaces, type Faces } from '../../src/sim/process/faces.ts'
import { createSimulator } from '../../src/sim/process/simulator.ts'

/** A real agent with its thread and its files, on simulated daemons, and the command line over its socket. */
const launcher = join(import.meta.dirname, '../../bin/tiercel')
const folder = mkdtempSync(join(tmpdir(), 'tiercel-test-'))
const at = (name: string) => join(folder, name)
const world = createWorld({ pins: 200 })
let faces: Faces
let agent: ChildProcess

beforeAll(async () => {
  // The third host has lost pins: its cold store is asked by this agent too.
  applyFault(world, 'pinset-diverged')
  applyFault(world, 'pin-errors')
  faces = createFaces({
    simulator: createSimulator({ world, save: () => undefined, realTime: undefined }),
    knownPorts: {},
    report: (error) => {
      throw error
    },
  })
  await faces.reconcile()
  const url = (face: string) => `http://127.0.0.1:${faces.ports()[face] ?? 0}`
  const stores = ['n1', 'n2', 'n3'].map(
    (host) =>
      `  - { name: ${host}, tier: cold, cluster: main, clusterApi: '${url(`${host}/cold/peer`)}', kuboApi: '${url(`${host}/cold/kubo`)}' }`,
  )
  mkdirSync(at('run'), { mode: 0o700 })
  writeFileSync(at('token'), 'open sesame\n', { mode: 0o600 })
  const rest = [
    `socket: ${at('agent.sock')}`,
    `token: { file: ${at('token')} }`,
    `pinIndex: { folder: ${at('pins')} }`,
    `operations: { folder: ${at('operations')} }`,
  ]
  writeFileSync(at('agent.yaml'), ['apiVersion: 1', 'host: n1', ...rest, 'stores:', ...stores, ''].join('\n'))
  const declared = ['n1', 'n2', 'n3'].map((name) => `{ name: ${name}, tier: cold, cluster: main }`).join(', ')
  writeFileSync(
    at('fleet.yaml'),
    `apiVersion: 1
clusters: [{ name: main }]
tiers: [{ name: cold }]
hosts: [{ name: n1, address: 'unix:${at('agent.sock')}', token: { file: ${at('token')} }, stores: [${declared}] }]
`,
  )
  agent = spawn(launcher, ['agent', 'run', '--config', at('agent.yaml')], { stdio: 'ignore' })
  for (let tries = 0; tries < 200 && !existsSync(at('agent.sock')); tries += 1) await sleep(100)
})

afterAll(async () => {
  agent.kill('SIGKILL')
  await faces.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Not spawnSync: the daemons that are asked live in this process. */
function pins(...args: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      launcher,
      ['pins', ...args, '--fleet', at('fleet.yaml')],
      { env: { ...process.env, XDG_RUNTIME_DIR: at('run'), NO_COLOR: '1' }, timeout: 50_000 },
      (_error, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
    )
  })
}

test('refresh --now reads every list, and totals show them with their age', async () => {
  const refreshed = await pins('refresh', '--now')
  expect(refreshed).toMatchObject({ status: 0, stderr: '' })
  expect(refreshed.stdout).toMatch(/n1\/n1 {2}200 pins, read in/)
  expect(refreshed.stdout).toMatch(/n1\/n3 {2}197 pins, read in/)
  expect(readdirSync(at('pins/n1')).filter((name) => name.startsWith('generation-'))).toHaveLength(1)
  const totals = await pins()
  expect(totals.stderr).toBe('')
  expect(totals.stdout).toMatch(/STORE +TIER +CLUSTER +PINSET +HELD/)
  expect(totals.stdout).toMatch(/n1\/n3 +cold +main +197 /)
  expect(totals.stdout).toContain('3 pin_error')
  expect(totals.status).toBe(0)
})

test('--errors names the pins with their reasons', async () => {
  const { status, stdout } = await pins('--errors')
  expect(stdout).toMatch(/n1\/n2: 3, read /)
  expect(stdout.match(/in-error/g)).toHaveLength(3)
  expect(stdout).toContain('context canceled')
  expect(status).toBe(1)
})

test('--diverged names exactly the pins that are missing, with both sides', async () => {
  const { status, stdout } = await pins('--diverged')
  expect(stdout).toMatch(/^main: 3 pins diverged; 0 on their way; indexes up to/)
  expect(stdout.match(/missing on some/g)).toHaveLength(3)
  expect(stdout.match(/n1\/n3: not in its pinset/g)).toHaveLength(3)
  expect(status).toBe(1)
})

test('show tells of one pin what every store has', async () => {
  const { stdout: json } = await pins('--diverged', '--json')
  const cid: string = JSON.parse(json)[0].comparison.divergences[0].cid
  const { status, stdout } = await pins('show', cid)
  expect(status).toBe(0)
  expect(stdout.split('\n').find((line) => line.startsWith('n1/n3'))).toContain('not in its pinset')
  const wrong = await pins('show', 'x;y')
  expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('no CID') })
})

test('refresh without --now says what it takes, and does nothing', async () => {
  expect(await pins('refresh')).toMatchObject({ status: 2, stderr: expect.stringContaining('--now') })
})

test('after a restart the index is there at once; a list that is cut is told, and takes nothing away', async () => {
  agent.kill('SIGTERM')
  await new Promise((resolve) => agent.once('exit', resolve))
  const files = () => readdirSync(at('pins/n1')).toSorted()
  const before = files()
  faces.setMisbehaviour('n1/cold/peer', 'half-list')
  rmSync(at('agent.sock'), { force: true })
  agent = spawn(launcher, ['agent', 'run', '--config', at('agent.yaml')], { stdio: 'ignore' })
  for (let tries = 0; tries < 200 && !existsSync(at('agent.sock')); tries += 1) await sleep(100)
  const refreshed = await pins('refresh', '--now')
  expect(refreshed.status).toBe(3)
  expect(refreshed.stdout).toMatch(/n1\/n1 {2}not read: /)
  expect(refreshed.stdout).toMatch(/n1\/n2 {2}200 pins/)
  expect(files()).toEqual(before)
  const shown = await pins()
  expect(shown).toMatchObject({ status: 3, stderr: expect.stringContaining('n1/n1: ') })
})
