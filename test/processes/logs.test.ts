import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fakeJournal } from '../builders/fake-journal.ts'

/** Logs over real processes: command line, agent, the stdio bridge, and a program that stands in for journalctl. */
const launcher = join(import.meta.dirname, '../../bin/tiercel')
const folder = mkdtempSync(join(tmpdir(), 'tiercel-logs-'))
const at = (name: string) => join(folder, name)
const journal = fakeJournal()
const children: ChildProcess[] = []
const unit = 'ipfs-cluster@hot.service'
const began = Date.now() - 600_000

/** More than all buffers on the way hold together: some 15 MB. */
const many = 50_000

beforeAll(async () => {
  mkdirSync(at('bin'))
  writeFileSync(at('token'), 'open sesame\n', { mode: 0o600 })
  writeFileSync(at('other-token'), 'something else\n', { mode: 0o600 })
  writeFileSync(
    at('agent.yaml'),
    `apiVersion: 1
host: n1
socket: ${at('agent.sock')}
operations: { folder: ${at('operations')} }
token: { file: ${at('token')} }
logs: { journalctl: ${journal.program} }
stores:
  - { name: hot, tier: hot, cluster: main, units: { cluster: ${unit} } }
`,
  )
  fleet('socket.yaml', `address: 'unix:${at('agent.sock')}', token: { file: ${at('token')} }`)
  fleet('wrong.yaml', `address: 'unix:${at('agent.sock')}', token: { file: ${at('other-token')} }`)
  fleet('ssh.yaml', 'address: ssh://n1')
  writeFileSync(at('bin/ssh'), `#!/bin/sh\nexec ${launcher} agent stdio --config ${at('agent.yaml')}\n`)
  chmodSync(at('bin/ssh'), 0o755)
  children.push(spawn(launcher, ['agent', 'run', '--config', at('agent.yaml')], { stdio: 'ignore' }))
  for (let tries = 0; tries < 200 && !existsSync(at('agent.sock')); tries += 1) await sleep(100)
})

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  journal.remove()
  rmSync(folder, { recursive: true, force: true })
})

function fleet(name: string, host: string): void {
  writeFileSync(
    at(name),
    `apiVersion: 1
clusters: [{ name: main }]
tiers: [{ name: hot }]
hosts:
  - { name: n1, ${host}, stores: [{ name: hot, tier: hot, cluster: main }] }
`,
  )
}

let said = 0
function say(count: number): void {
  const text = 'x'.repeat(100)
  journal.say(
    ...Array.from({ length: count }, () => {
      said += 1
      return { at: began + said, text: `${said} ${text}`, unit }
    }),
  )
}

const environment = { ...process.env, PATH: `${at('bin')}:${process.env['PATH']}` }

function logs(fleetFile: string, ...args: string[]) {
  const all = ['logs', 'cluster', '--json', '--since', '1h', '--fleet', at(fleetFile), ...args]
  const { status, stdout, stderr } = spawnSync(launcher, all, {
    encoding: 'utf8',
    env: environment,
    timeout: 40_000,
    maxBuffer: 2 ** 26,
  })
  const documents = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line))
  return { status, stderr, documents, numbers: documents.flatMap(numberOf) }
}

const numberOf = ({ kind, text }: Record<string, unknown>): number[] =>
  kind === 'entry' ? [Number(String(text).split(' ')[0])] : []
const upTo = (count: number, from = 1) => Array.from({ length: count - from + 1 }, (_, index) => from + index)

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test.each(['socket.yaml', 'ssh.yaml'])('reads a host to its end: %s', (file) => {
  if (said === 0) say(100)
  const { status, numbers, documents } = logs(file)
  expect(numbers).toEqual(upTo(said))
  expect(status).toBe(0)
  expect(documents.at(-1)).toMatchObject({ kind: 'cursors', cursors: { 'n1/cluster': expect.stringMatching(/^s=/) } })
})

test('a wrong token reads nothing, and is no empty log', () => {
  const { status, numbers, documents } = logs('wrong.yaml')
  expect(numbers).toEqual([])
  expect(JSON.stringify(documents)).toContain('this agent needs its token')
  expect(status).toBe(3)
})

test('a file of cursors goes on where the last command ended, and tells what was rotated away', () => {
  const file = at('kept.cursor')
  logs('socket.yaml', '--cursor', file)
  const before = said
  say(5)
  expect(logs('socket.yaml', '--cursor', file).numbers).toEqual(upTo(said, before + 1))
  const seen = said
  say(10)
  journal.keepOnly(3)
  const rest = logs('socket.yaml', '--cursor', file)
  expect(rest.numbers).toEqual(upTo(said, said - 2))
  expect(rest.documents).toContainEqual(
    expect.objectContaining({ kind: 'gap', since: new Date(began + seen).toISOString(), missed: null }),
  )
  expect(rest.status).toBe(1)
})

test('a follower that is slow loses nothing: the source waits for it, and ends with it', async () => {
  const first = said - 2
  say(many)
  const args = ['logs', 'cluster', '--follow', '--json', '--since', '1h', '--fleet', at('socket.yaml')]
  const child = spawn(launcher, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface({ input: child.stdout })
  const numbers: number[] = []
  let last: Record<string, unknown> = {}
  const closed = once(lines, 'close')
  let pausedAt = 0
  lines.on('line', (line) => {
    last = JSON.parse(line)
    numbers.push(...numberOf(last))
    if (numbers.length === 1000 && pausedAt === 0) {
      pausedAt = numbers.length
      lines.pause()
    }
  })
  await expect.poll(() => pausedAt, { timeout: 30_000 }).toBe(1000)
  // Nobody reads: what has left the source comes to a stand, with most of it still there.
  let before = -1
  await expect
    .poll(
      () => {
        const now = journal.written()
        const stands = now === before
        before = now
        return stands
      },
      { interval: 1000, timeout: 30_000 },
    )
    .toBe(true)
  expect(journal.written()).toBeLessThan(many / 2)
  lines.resume()
  await expect.poll(() => numbers.length, { timeout: 60_000 }).toBe(said - first + 1)
  say(3)
  await expect.poll(() => numbers.length, { timeout: 30_000 }).toBe(said - first + 1)
  expect(numbers).toEqual(upTo(said, first))
  const source = journal.pid()
  expect(isRunning(source)).toBe(true)
  child.kill('SIGINT')
  await closed
  expect(last).toMatchObject({
    kind: 'cursors',
    cursors: { 'n1/cluster': expect.stringContaining(`;i=${said.toString(16)};`) },
  })
  await expect.poll(() => isRunning(source), { timeout: 20_000 }).toBe(false)
})

test('an agent that goes away is told, and asked again when it is back: nothing twice, nothing left out', async () => {
  const before = said
  const args = ['logs', 'cluster', '--follow', '--json', '--fleet', at('socket.yaml'), '--cursor', at('kept.cursor')]
  logs('socket.yaml', '--cursor', at('kept.cursor'))
  const child = spawn(launcher, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const numbers: number[] = []
  const kinds: unknown[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const document: Record<string, unknown> = JSON.parse(line)
    kinds.push(document['kind'])
    numbers.push(...numberOf(document))
  })
  say(2)
  await expect.poll(() => numbers.length, { timeout: 30_000 }).toBe(2)
  children[0]?.kill('SIGTERM')
  await expect.poll(() => kinds, { timeout: 30_000 }).toContain('trouble')
  say(2)
  children[0] = spawn(launcher, ['agent', 'run', '--config', at('agent.yaml')], { stdio: 'ignore' })
  await expect.poll(() => numbers.length, { timeout: 40_000 }).toBe(4)
  expect(numbers).toEqual(upTo(said, before + 1))
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect(await ended).toEqual([3, null])
  expect(JSON.parse(readFileSync(at('kept.cursor'), 'utf8'))).toMatchObject({
    cursors: { 'n1/cluster': expect.stringContaining(`;i=${said.toString(16)};`) },
  })
})
