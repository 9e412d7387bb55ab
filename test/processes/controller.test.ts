import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { type ControllerClient, controllerClient } from '../../src/adapters/controller/client.ts'
import { RunState } from '../../src/domain/run.ts'

/** The real processes: command line, controllers and an agent, over real sockets and stores. */
const launcher = join(import.meta.dirname, '../../bin/tiercel')
const folder = mkdtempSync(join(tmpdir(), 'tiercel-test-'))
const at = (name: string) => join(folder, name)
const children: ChildProcess[] = []

/** A machine that is busy with other tests is slow; what is waited for comes at once otherwise. */
const patience = { timeout: 120_000, interval: 100 }
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })

function start(...args: string[]): ChildProcess {
  const child = spawn(launcher, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr?.on('data', (chunk: Buffer) => logs.push(chunk.toString('utf8')))
  children.push(child)
  return child
}
const logs: string[] = []

function tiercel(...args: string[]) {
  return spawnSync(launcher, args, {
    encoding: 'utf8',
    env: { ...process.env, TIERCEL_FLEET: at('tiercel.yaml'), TIERCEL_STATE: at('cli-state') },
    timeout: 120_000,
  })
}

const Run = z.object({ id: z.string(), state: RunState, reason: z.string() })
/** Asked by our client, in this process: a command line for each look would be most of the test. */
async function asked<T>(work: (client: ControllerClient) => Promise<T>): Promise<T> {
  const client = controllerClient({ url: `unix:${at('first.sock')}`, token: { file: at('admin.token') } })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}
const stateOf = async (id: string): Promise<RunState> =>
  asked(async (client) => (await client.ask('run', { params: { run: id } })).run.state)
const whoami = async () => asked(async (client) => client.ask('whoami'))

function controllerFile(name: string, store: string): string {
  writeFileSync(
    at(`${name}.yaml`),
    `apiVersion: 1
fleet: ${at('tiercel.yaml')}
store: { sqlite: ${at(`${store}/store.sqlite`)} }
adminToken: ${at('admin.token')}
listen: { socket: ${at(`${name}.sock`)} }
collect: { every: 1s }
`,
  )
  return at(`${name}.yaml`)
}

/** `expect.poll` is for tests alone. */
async function until(isSo: () => boolean): Promise<void> {
  for (const end = Date.now() + patience.timeout; !isSo() && Date.now() < end;) await sleep(patience.interval)
}

/** Starts a controller, and waits until it answers. */
async function startController(file: string, socket: string): Promise<ChildProcess> {
  rmSync(socket, { force: true })
  const child = start('controller', 'run', '--config', file)
  await until(() => existsSync(socket) || child.exitCode !== null)
  return child
}

/** Begins a practice run and gives its id. */
function begin(...args: string[]): string {
  const began = tiercel('run', 'practice', '--host', 'n1', '--yes', '--detach', '--json', ...args)
  expect(began.stderr).toBe('')
  return Run.parse(JSON.parse(began.stdout)).id
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise((resolve) => {
    child.once('exit', resolve)
  })
}

let controller: ChildProcess

beforeAll(async () => {
  writeFileSync(at('agent.token'), 'open sesame\n', { mode: 0o600 })
  writeFileSync(
    at('agent.yaml'),
    `apiVersion: 1
host: n1
socket: ${at('agent.sock')}
token: { file: ${at('agent.token')} }
pinIndex: { folder: ${at('pins')} }
operations: { folder: ${at('operations')} }
`,
  )
  writeFileSync(
    at('tiercel.yaml'),
    `apiVersion: 1
hosts: [{ name: n1, address: 'unix:${at('agent.sock')}', token: { file: ${at('agent.token')} } }]
controller: { socket: ${at('first.sock')}, token: { file: ${at('admin.token')} } }
`,
  )
  start('agent', 'run', '--config', at('agent.yaml'))
  await until(() => existsSync(at('agent.sock')))
  controller = await startController(controllerFile('first', 'first-store'), at('first.sock'))
})

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test('the first start makes the first token, for its user alone, and no log tells it', () => {
  expect(statSync(at('admin.token')).mode & 0o777).toBe(0o600)
  const token = readFileSync(at('admin.token'), 'utf8').trim()
  expect(token.length).toBeGreaterThan(40)
  expect(logs.join('')).not.toContain(token)
  expect(readFileSync(at('first-store/store.sqlite')).includes(token)).toBe(false)
})

test('a plan says what would be done, and does nothing', () => {
  const planned = tiercel('plan', 'practice', '--host', 'n1')
  expect(planned.stdout).toContain('It can start.')
  expect(planned.status).toBe(0)
  expect(tiercel('runs', 'list').stdout).toContain('no runs')
  const wrong = tiercel('plan', 'practice', '--host', 'n11')
  expect(wrong.stderr).toContain('did you mean n1?')
  expect(wrong.status).toBe(2)
})

test('without a controller it is planned over the agents; to run, it is said what is missing', () => {
  const planned = tiercel('plan', 'practice', '--host', 'n1', '--controller', 'none')
  expect(planned.stdout).toContain('It can start.')
  const run = tiercel('run', 'practice', '--host', 'n1', '--yes', '--controller', 'none')
  expect(run.status).toBe(2)
  expect(run.stderr).toContain('tiercel controller run')
})

test('a run whose controller is killed goes on when it is back, and does nothing twice', async () => {
  const id = begin('--seconds', '4', '--mark', 'killed')
  await expect.poll(() => stateOf(id), patience).toBe('running')
  controller.kill('SIGKILL')
  await ended(controller)
  controller = await startController(at('first.yaml'), at('first.sock'))
  await expect.poll(() => stateOf(id), patience).toBe('succeeded')
  expect(tiercel('locks').stdout).toContain('nothing is held')
  const undone = tiercel('runs', 'undo', id, '--yes')
  expect(undone.stdout).toContain('undone')
  expect(undone.status).toBe(0)
})

test('a run is completed, with what it is; and nobody waits for a controller that is not there', async () => {
  const newest = await asked(async (client) => (await client.ask('runs')).runs[0])
  const told = tiercel('complete', 'words', 'runs', 'show', newest?.id.slice(0, 12) ?? '?').stdout
  expect(told).toContain(`${newest?.id}\t`)
  const away = spawnSync(launcher, ['complete', 'words', 'runs', 'show', ''], {
    encoding: 'utf8',
    env: { ...process.env, TIERCEL_FLEET: at('tiercel.yaml'), TIERCEL_CONTROLLER: at('nobody.sock') },
  })
  expect(away).toMatchObject({ status: 0, stdout: '', stderr: '' })
})

test('who changed what is told, and that it is as it was written', () => {
  const told = tiercel('audit', '--limit', '2')
  expect(told.stdout).toContain('POST /v1/runs')
  expect(told.stdout).toContain('older ones: tiercel audit --before')
  const { entries, next } = JSON.parse(tiercel('audit', '--limit', '1', '--json').stdout) as {
    entries: { sequence: number; hash: string }[]
    next: number
  }
  expect(next).toBe(entries[0]?.sequence)
  const verified = tiercel('audit', '--verify')
  expect(verified.stdout).toContain(`${next} entries, each as it was written; hash of the newest: ${entries[0]?.hash}`)
  expect(verified.status).toBe(0)
  expect(tiercel('audit', '--before', '0').stderr).toContain('from 1')
})

test('Ctrl-C ends the following only, and says how to return', async () => {
  const id = begin('--seconds', '6', '--mark', 'left-alone')
  const follower = spawn(launcher, ['runs', 'watch', id], {
    env: { ...process.env, TIERCEL_FLEET: at('tiercel.yaml') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  follower.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  follower.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  await expect.poll(() => said, patience).toContain('begun')
  follower.kill('SIGINT')
  await ended(follower)
  expect(said).toContain(`tiercel runs watch ${id}`)
  await expect.poll(() => stateOf(id), patience).toBe('succeeded')
})

test('a second controller is refused by the agent: it says so, and starts nothing', async () => {
  const second = await startController(controllerFile('second', 'second-store'), at('second.sock'))
  const asSecond = (...args: string[]) =>
    spawnSync(launcher, [...args, '--controller', at('second.sock')], {
      encoding: 'utf8',
      env: { ...process.env, TIERCEL_FLEET: at('tiercel.yaml'), TIERCEL_TOKEN_FILE: at('admin.token') },
      timeout: 120_000,
    })
  await expect.poll(() => logs.join(''), patience).toContain('changes nothing: n1')
  const refused = asSecond('run', 'practice', '--host', 'n1', '--yes', '--detach', '--mark', 'stolen')
  expect(refused.stderr).toContain('this controller changes nothing')
  expect(refused.status).toBe(2)
  second.kill('SIGTERM')
  await ended(second)
})

test('a copy of the store changes nothing until it takes over by name; then the older one is refused', async () => {
  expect(tiercel('controller', 'backup', at('yesterday.sqlite'), '--config', at('first.yaml')).status).toBe(0)
  begin('--seconds', '1', '--mark', 'after-the-copy')
  mkdirSync(at('third-store'), { mode: 0o700 })
  copyFileSync(at('yesterday.sqlite'), at('third-store/store.sqlite'))
  const file = controllerFile('third', 'third-store')
  const third = await startController(file, at('third.sock'))
  const back = tiercel('run', 'practice', '--host', 'n1', '--yes', '--mark', 'copy', '--controller', at('third.sock'))
  expect(back.stderr).toContain('copy')
  expect(back.status).toBe(2)
  const taken = tiercel('controller', 'take-over', '--config', file)
  expect(taken.stdout).toContain('n1: obeys')
  const done = tiercel(
    'run',
    'practice',
    '--host',
    'n1',
    '--yes',
    '--seconds',
    '1',
    '--mark',
    'taken',
    '--controller',
    at('third.sock'),
  )
  expect(done.status).toBe(0)
  // The older one begins it and is refused by the agent, or has noticed before.
  tiercel('run', 'practice', '--host', 'n1', '--yes', '--detach', '--seconds', '1', '--mark', 'older')
  await expect.poll(async () => (await whoami()).standsBack ?? '', patience).toMatch(/^n1(:| obeys)/)
  const again = tiercel('run', 'practice', '--host', 'n1', '--yes', '--detach', '--mark', 'older')
  expect(again.stderr).toContain('this controller changes nothing')
  expect(again.status).toBe(2)
  expect(readdirSync(at('operations'), { recursive: true }).join()).not.toContain('older')
  third.kill('SIGTERM')
  await ended(third)
})

test('a controller that is told to end goes at once', async () => {
  controller.kill('SIGTERM')
  await ended(controller)
  expect(controller.exitCode).toBe(0)
})
