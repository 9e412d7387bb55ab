import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { fleet } from './fleet-file.ts'
import { productionPackages, productionVersions } from './guest-disks.ts'
import { guestImages, imageKey, keyOf } from './images.ts'
import { exclusively } from './open-lab.ts'
import { labPaths } from './paths.ts'
import { isAlive, startTimeIn, startTimeOf } from './processes.ts'
import { knownHostsLine, sshConfig } from './ssh.ts'
import { readState, withGuest, writeState, type LabGuest, type LabState } from './state.ts'

const guest: LabGuest = {
  name: 'deb12-zfs23',
  folder: '/lab/guests/deb12-zfs23',
  imageKey: 'key',
  sshPort: 26_401,
  alias: 'deb12-zfs23',
  agentAlias: 'deb12-zfs23-agent',
  qmpSocket: '/lab/run/q.sock',
  accelerator: 'tcg',
  agent: true,
  pair: { peerId: 'peer-in-guest', kuboId: 'kubo-in-guest', store: 'hot' },
}
const peer = {
  index: 0,
  name: 'peer0',
  folder: '/lab/peers/peer0',
  kuboApi: 'http://127.0.0.1:26410',
  clusterApi: 'http://127.0.0.1:26413',
  clusterSocket: '/lab/run/peer0.sock',
  peerId: 'peer-zero',
  kuboId: 'kubo-zero',
}
const state: LabState = {
  version: 1,
  basePort: 26_400,
  sshConfig: '/lab/ssh/config',
  knownHosts: '/lab/ssh/known_hosts',
  fleetFile: '/lab/fleet.yaml',
  pinTimeoutMs: 10_000,
  pingIntervalMs: 2000,
  versions: {},
  peers: [peer],
  guests: [guest],
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-test-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const nativeAgent = { socket: '/lab/run/agent.sock', token: '/lab/agent/token' }

test('the state that was written is read back', () => {
  expect(readState(folder)).toBeUndefined()
  writeState(folder, state)
  expect(readState(folder)).toEqual(state)
})

test('a state of another version is refused with what to do', () => {
  writeFileSync(join(folder, 'state.json'), JSON.stringify({ ...state, version: 2 }))
  expect(() => readState(folder)).toThrow(/lab down/)
})

test('a guest takes the place of the one of its name', () => {
  const next = withGuest(state, { ...guest, agent: false })
  expect(next.guests.map(({ name, agent }) => [name, agent])).toEqual([['deb12-zfs23', false]])
})

test('a second command is kept off a lab on which one works, and let in afterwards', async () => {
  const paths = { ...labPaths(), state: folder }
  await exclusively(paths, async () => {
    await expect(exclusively(paths, async () => undefined)).rejects.toThrow(/another lab command/)
  })
  await expect(exclusively(paths, async () => 'in')).resolves.toBe('in')
})

test('the lock of a command that died holds nobody up', async () => {
  writeFileSync(join(folder, 'lock'), `${process.pid} 1`)
  await expect(exclusively({ ...labPaths(), state: folder }, async () => 'in')).resolves.toBe('in')
})

test('a process is told from a later one with its pid', () => {
  const startTime = startTimeOf(process.pid) ?? ''
  expect(isAlive({ pid: process.pid, startTime })).toBe(true)
  expect(isAlive({ pid: process.pid, startTime: '1' })).toBe(false)
})

test('the start time is found behind a name with blanks and brackets', () => {
  const fields = Array.from({ length: 40 }, (_, index) => String(index + 4)).join(' ')
  expect(startTimeIn(`17 (a) b (c)) S ${fields}`)).toBe('22')
  expect(startTimeIn(`17 (a) Z ${fields}`)).toBeUndefined()
})

test('the fleet file names this machine with its peers, and each guest with its pools', () => {
  const { hosts, clusters } = fleet(state, nativeAgent)
  expect(clusters).toEqual([{ name: 'lab' }, { name: 'in-deb12-zfs23' }])
  expect(hosts).toMatchObject([
    {
      name: 'here',
      address: 'unix:/lab/run/agent.sock',
      token: { file: '/lab/agent/token' },
      stores: [{ name: 'peer0', peer: 'peer-zero', clusterApi: 'unix:/lab/run/peer0.sock' }],
    },
    {
      name: 'deb12-zfs23',
      address: 'ssh://deb12-zfs23-agent',
      stores: [{ name: 'hot', pool: 'hot-tier', peer: 'peer-in-guest' }, { name: 'warm' }, { name: 'cold' }],
    },
  ])
  expect(fleet({ ...state, guests: [], peers: [] }, nativeAgent)).toMatchObject({ hosts: [], clusters: [] })
})

test('a guest has two names, one for each key, and its host key is checked strictly', () => {
  const text = sshConfig([guest], { knownHosts: '/lab/known hosts', keys: { root: '/lab/r', agent: '/lab/a' } })
  expect(text.match(/^Host .*/gm)).toEqual(['Host deb12-zfs23', 'Host deb12-zfs23-agent'])
  expect(text.match(/IdentityFile .*/g)).toEqual(['IdentityFile "/lab/r"', 'IdentityFile "/lab/a"'])
  expect(text.match(/StrictHostKeyChecking yes/g)).toHaveLength(2)
  expect(text).toContain('UserKnownHostsFile "/lab/known hosts"')
})

test('a line of known_hosts names the guest', () => {
  expect(knownHostsLine('deb12-zfs21', 'ssh-ed25519 AAAA\n')).toBe('deb12-zfs21 ssh-ed25519 AAAA\n')
})

test('every image has a key of its own, the same each time', () => {
  const keys = guestImages.map(imageKey)
  expect(new Set(keys).size).toBe(guestImages.length)
  expect(guestImages.map(imageKey)).toEqual(keys)
})

test('a key tells apart texts that are cut in other places', () => {
  expect(keyOf(['ab', 'c'])).not.toBe(keyOf(['a', 'bc']))
  expect(keyOf(['ab', 'c'])).toBe(keyOf(['ab', 'c']))
})

test('only packages that Tiercel needs when it runs are taken, each once', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/hono': {},
      'node_modules/hono/node_modules/x': {},
      'node_modules/vitest': { dev: true },
      'node_modules/tslib': { devOptional: true },
    },
  }
  expect(productionPackages(lock)).toEqual(['node_modules/hono'])
})

const versions = (packages: Record<string, object>) => productionVersions({ packages })

test('another tool for developers makes no other disk of tools; another package does, and another version', () => {
  const hono = { version: '4.13.19', integrity: 'sha512-a' }
  const vitest = { version: '5.1.1', dev: true }
  const one = versions({ 'node_modules/hono': hono, 'node_modules/vitest': vitest })
  expect(versions({ 'node_modules/vitest': { ...vitest, version: '5.2.0' }, 'node_modules/hono': hono })).toEqual(one)
  expect(versions({ 'node_modules/hono': { ...hono, version: '4.14.0' } })).not.toEqual(one)
  expect(versions({ 'node_modules/hono': hono, 'node_modules/zod': {} })).not.toEqual(one)
})
