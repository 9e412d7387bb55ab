import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { executorClient } from '../adapters/agent/executor-client.ts'
import { ask } from '../adapters/agent/ask.ts'
import { parsePolicy } from '../adapters/policy/policy-file.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { CommandFailed, type Exec } from '../adapters/system/exec.ts'
import { listenOn } from '../adapters/system/listen.ts'
import { ProbeOutcome } from '../api/executor.ts'
import { NotPermitted, ProgramMissing, Stuck } from '../domain/errors.ts'
import { FolderNotKnown } from './cluster-folder.ts'
import { operationIdAt } from '../../test/builders/operation-id.ts'
import { executorServer } from './http.ts'
import { rootOperations } from './root-operations.ts'

let folder: string
let close: () => void
const commands: string[][] = []
const observeOnly = parsePolicy('/etc/tiercel/policy.yaml', 'apiVersion: 1\nmode: observe-only\n')
const nothingAllowed = rootOperations({
  exec: () => Promise.reject(new Error('nothing is allowed, so nothing runs')),
  clock: systemClock,
  policy: () => observeOnly,
  poolState: () => 'ONLINE',
  audit: () => undefined,
})
const exec: Exec = async (file, args) => {
  commands.push([file, ...args])
  return 'what zpool says\n'
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-executor-'))
  commands.length = 0
  writeFileSync(join(folder, 'token'), 'right\n', { mode: 0o600 })
  writeFileSync(join(folder, 'wrong'), 'wrong\n', { mode: 0o600 })
  const server = executorServer({
    exec,
    token: 'right',
    tiercelVersion: '0',
    policy: () => observeOnly,
    operations: nothingAllowed,
    clusterFolder: (store) => {
      if (store !== 'hot') throw new FolderNotKnown('no such store')
      return '/hot-tier/cluster'
    },
    disks: () => ['sda', 'nvme0n1'],
    poolState: (pool) => ({ hot: 'ONLINE', held: 'SUSPENDED' })[pool],
  })
  await listenOn(server, join(folder, 'sock'), 0o660)
  close = () => server.close()
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true })
})

const client = (token: string) => executorClient({ socket: join(folder, 'sock'), token: { file: join(folder, token) } })
const post = (body: unknown, path = '/v1/probe') =>
  ask({ socketPath: join(folder, 'sock') }, ProbeOutcome, { path, body, token: 'right' })

test('runs the one probe it knows, with a command that it builds itself', async () => {
  expect(await client('token').poolStatus({ json: false })).toBe('what zpool says\n')
  expect(await client('token').poolStatus({ json: true })).toBe('what zpool says\n')
  expect(commands).toEqual([
    ['zpool', 'status', '-p', '-P', '-s', '-v'],
    ['zpool', 'status', '-j', '-p', '-P', '-s', '-v'],
  ])
})

test('reads the history of a pool that the kernel has, and that works', async () => {
  expect(await client('token').scanSetups('hot')).toBe('')
  expect(commands).toEqual([['zpool', 'history', '-i', 'hot']])
  await expect(client('token').scanSetups('held')).rejects.toThrow('no pool held works on this machine (SUSPENDED)')
  await expect(client('token').scanSetups('gone')).rejects.toThrow('no pool gone works on this machine (not imported)')
  await expect(post({ apiVersion: 1, probe: 'scan-setups', pool: '-l' })).rejects.toThrow('knows only the probes')
  expect(commands).toHaveLength(1)
})

test('reads the events of ZFS and the messages of the kernel, with nothing of the caller in it', async () => {
  expect(await client('token').zpoolEvents()).toBe('what zpool says\n')
  expect(commands).toEqual([['zpool', 'events', '-H', '-v']])
  await expect(post({ apiVersion: 1, probe: 'zpool-events', pool: '-f' })).rejects.toThrow('knows only the probes')
  await expect(post({ apiVersion: 1, probe: 'kernel-log', file: '/etc/shadow' })).rejects.toThrow(
    'knows only the probes',
  )
  expect(commands).toHaveLength(1)
})

test('reads settings from the folder that agent.yaml names, in a process of its own, and from no other', async () => {
  await client('token').clusterSettings({ store: 'hot' })
  expect(commands).toEqual([
    [process.execPath, expect.stringMatching(/main\.ts$/), 'executor', 'read-settings', '--', '/hot-tier/cluster'],
  ])
  await expect(client('token').clusterSettings({ store: 'cold' })).rejects.toThrow('no such store')
  expect(commands).toHaveLength(1)
})

test('reads SMART of a disk that the kernel has, and of nothing else', async () => {
  expect(await client('token').smart('nvme0n1')).toBe('what zpool says\n')
  expect(commands).toEqual([['smartctl', '-j', '-a', '-n', 'standby', '/dev/nvme0n1']])
  commands.length = 0
  await expect(client('token').smart('sdb')).rejects.toThrow('has no disk sdb')
  for (const name of ['../sda', 'sda -s on', '--help', 'SDA', '']) {
    await expect(client('token').smart(name)).rejects.toThrow('knows only the probes')
  }
  expect(commands).toEqual([])
})

test('a smartctl that tells of a failing disk by its exit status is read; one that is missing is told as missing', async () => {
  const answers: Record<string, () => Promise<string>> = {
    sda: () => Promise.reject(new CommandFailed({ ...outcome, stdout: '{"smartctl":{}}' }, 'exited 24')),
    sdb: () => Promise.reject(new CommandFailed({ ...outcome, stdout: 'no JSON' }, 'exited 1')),
    sdc: () => Promise.reject(new ProgramMissing('smartctl is not installed', 'apt install smartmontools')),
  }
  const server = executorServer({
    exec: (_file, args) =>
      answers[args.at(-1)?.slice('/dev/'.length) ?? '']?.() ?? Promise.reject(new Error('not asked')),
    token: 'right',
    tiercelVersion: '0',
    policy: () => observeOnly,
    operations: nothingAllowed,
    clusterFolder: () => '/',
    disks: () => Object.keys(answers),
  })
  await listenOn(server, join(folder, 'smart'), 0o660)
  const executor = executorClient({ socket: join(folder, 'smart'), token: { file: join(folder, 'token') } })
  expect(await executor.smart('sda')).toBe('{"smartctl":{}}')
  await expect(executor.smart('sdb')).rejects.toThrow('exited 1')
  await expect(executor.smart('sdc')).rejects.toMatchObject({ hint: 'apt install smartmontools' })
  server.close()
})

const outcome = { file: 'smartctl', args: [], exitCode: 24, stderr: '' }

test('runs nothing for a wrong token, and says so as a missing right', async () => {
  await expect(client('wrong').poolStatus({ json: false })).rejects.toBeInstanceOf(NotPermitted)
  await expect(client('absent').version()).rejects.toBeInstanceOf(NotPermitted)
  expect(commands).toEqual([])
})

test.each([
  ['another probe', { apiVersion: 1, probe: 'pool-destroy', json: false }],
  ['words of the caller', { apiVersion: 1, probe: 'pool-status', json: false, pool: '; reboot' }],
  ['another version', { apiVersion: 99, probe: 'pool-status', json: false }],
  ['a folder of the caller', { apiVersion: 1, probe: 'cluster-settings', store: '../../etc' }],
  ['a second word', { apiVersion: 1, probe: 'cluster-settings', store: 'hot', folder: '/etc' }],
  ['no object', ['zpool', 'destroy', 'tank']],
])('refuses %s, and runs nothing', async (_, body) => {
  await expect(post(body)).rejects.toThrow(
    'knows only the probes pool-status, scan-setups, zpool-events, kernel-log, cluster-settings',
  )
  expect(commands).toEqual([])
})

test('refuses an operation by its policy, with the line, and what it does not know as such', async () => {
  const operation = { kind: 'scrub-stop', pool: 'hot-tier', guid: '1' }
  const id = operationIdAt(Date.now())
  for (const path of ['/v1/operations', '/v1/permit']) {
    const asked = path === '/v1/permit' ? { apiVersion: 1, operation } : { apiVersion: 1, operation, id }
    await expect(post(asked, path)).rejects.toMatchObject({
      code: 'refused-by-policy',
      message: '/etc/tiercel/policy.yaml:2 says mode: observe-only: scrub-stop on hot-tier is not allowed',
    })
  }
  for (const other of [{ kind: 'pool-destroy', pool: 'hot-tier', guid: '1' }, { ...operation, args: ['-f'] }, {}]) {
    await expect(post({ apiVersion: 1, operation: other, id }, '/v1/operations')).rejects.toMatchObject({
      code: 'bad-request',
    })
  }
  expect(commands).toEqual([])
})

test('refuses a request that is too long, or not JSON', async () => {
  await expect(post({ x: 'y'.repeat(20_000) })).rejects.toThrow('at most 16384 bytes')
  expect(commands).toEqual([])
})

test('a program that hangs there is told as one that hangs, not as a failure', async () => {
  const hangs = executorServer({
    exec: () => Promise.reject(new Stuck('zpool status was not started: another one hangs')),
    token: 'right',
    tiercelVersion: '0',
    policy: () => observeOnly,
    operations: nothingAllowed,
    clusterFolder: (store) => {
      if (store !== 'hot') throw new FolderNotKnown('no such store')
      return '/hot-tier/cluster'
    },
  })
  await listenOn(hangs, join(folder, 'hangs'), 0o660)
  const look = executorClient({ socket: join(folder, 'hangs'), token: { file: join(folder, 'token') } }).poolStatus({
    json: false,
  })
  await expect(look).rejects.toBeInstanceOf(Stuck)
  hangs.close()
})

test('an executor that is slower than our deadline hangs; it does not lack', async () => {
  const slow = createServer(() => undefined)
  await listenOn(slow, join(folder, 'slow'), 0o660)
  const executor = executorClient({ socket: join(folder, 'slow'), token: { file: join(folder, 'token') } })
  await expect(executor.version(AbortSignal.timeout(50))).rejects.toBeInstanceOf(Stuck)
  slow.close()
})
