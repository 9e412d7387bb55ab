import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** The real processes: launcher, agent, executor, the stdio bridge and kept connections, over real sockets. */
const launcher = join(import.meta.dirname, '../../bin/tiercel')
const folder = mkdtempSync(join(tmpdir(), 'tiercel-test-'))
const at = (name: string) => join(folder, name)
const children: ChildProcess[] = []

const agentFile = at('agent.yaml')
/** What stands in for OpenSSH: notes that it was called, then runs the bridge as the remote side would. */
const sshCalls = at('ssh-calls')

beforeAll(async () => {
  mkdirSync(at('bin'))
  mkdirSync(at('run'), { mode: 0o700 })
  writeFileSync(at('token'), 'open sesame\n', { mode: 0o600 })
  writeFileSync(at('other-token'), 'something else\n', { mode: 0o600 })
  writeFileSync(
    agentFile,
    `apiVersion: 1
host: n1
socket: ${at('agent.sock')}
token: { file: ${at('token')} }
pinIndex: { folder: ${at('pins')} }
operations: { folder: ${at('operations')} }
stores:
  - { name: hot, tier: hot, cluster: main, clusterApi: 'http://127.0.0.1:9', kuboApi: 'http://127.0.0.1:9' }
probes: { cluster: { every: 1s }, kubo: { every: 1s }, pins: { every: 1s } }
`,
  )
  fakeSsh(`echo "$@" >> ${sshCalls}; exec ${launcher} agent stdio --config ${agentFile}`)
  children.push(spawn(launcher, ['agent', 'run', '--config', agentFile], { stdio: 'ignore' }))
  for (let tries = 0; tries < 100 && !existsSync(at('agent.sock')); tries += 1) await sleep(100)
})

afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function fakeSsh(script: string): void {
  writeFileSync(at('bin/ssh'), `#!/bin/sh\n${script}\n`)
  chmodSync(at('bin/ssh'), 0o755)
}

function fleet(name: string, host: string, ssh = ''): string {
  const path = at(name)
  writeFileSync(
    path,
    `apiVersion: 1
clusters: [{ name: main }]
tiers: [{ name: hot }]
${ssh}
hosts:
  - { name: n1, ${host}, stores: [{ name: hot, tier: hot, cluster: main }] }
`,
  )
  return path
}

function health(fleetFile: string) {
  const { status, stdout, stderr } = spawnSync(launcher, ['health', '--json', '--fleet', fleetFile], {
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${at('bin')}:${process.env['PATH']}`,
      XDG_RUNTIME_DIR: at('run'),
      TIERCEL_STATE: at('state'),
    },
    timeout: 40_000,
  })
  const findings: { code: string; subject: string; summary: string; remedy: string; evidence: unknown }[] =
    stdout === '' ? [] : JSON.parse(stdout).findings
  return { status, stderr, findings, codes: findings.map(({ code, subject }) => `${code} ${subject}`) }
}

const daemonsDown = ['CLUSTER_UNREACHABLE n1/hot/peer', 'KUBO_UNREACHABLE n1/hot/kubo']

test('an agent on a local socket answers with its token', () => {
  const found = health(fleet('socket.yaml', `address: 'unix:${at('agent.sock')}', token: { file: ${at('token')} }`))
  expect(found.stderr).toBe('')
  expect(found.codes).toEqual(expect.arrayContaining(daemonsDown))
  expect(found.status).toBe(2)
})

test('an agent refuses a wrong token, and none', () => {
  const wrong = health(
    fleet('wrong.yaml', `address: 'unix:${at('agent.sock')}', token: { file: ${at('other-token')} }`),
  )
  expect(wrong.codes).toEqual(['AGENT_UNREACHABLE n1'])
  const none = health(fleet('none.yaml', `address: 'unix:${at('agent.sock')}'`))
  expect(none.codes).toEqual(['AGENT_UNREACHABLE n1'])
  expect(JSON.stringify([wrong.findings, none.findings])).not.toContain('open sesame')
})

test('SSH: the connection is kept, so that a second look starts nothing on the host', () => {
  const file = fleet('ssh.yaml', 'address: ssh://n1', 'ssh: { keepFor: 20s }')
  expect(health(file).codes).toEqual(expect.arrayContaining(daemonsDown))
  expect(health(file).codes).toEqual(expect.arrayContaining(daemonsDown))
  const calls = readFileSync(sshCalls, 'utf8').trim().split('\n')
  expect(calls).toHaveLength(1)
  expect(calls[0]).toContain('StrictHostKeyChecking=yes')
  expect(calls[0]).toMatch(/ -- n1 tiercel agent stdio$/)
})

test('SSH: without keeping, each look logs in anew', () => {
  rmSync(sshCalls, { force: true })
  const file = fleet('ssh-each.yaml', 'address: ssh://operator@n1:2222', 'ssh: { keepFor: 0s }')
  expect(health(file).codes).toEqual(expect.arrayContaining(daemonsDown))
  expect(health(file).codes).toEqual(expect.arrayContaining(daemonsDown))
  expect(readFileSync(sshCalls, 'utf8').trim().split('\n')).toHaveLength(2)
})

test('SSH: a login that takes longer than a connection is kept unused is waited for', () => {
  fakeSsh(`sleep 2; exec ${launcher} agent stdio --config ${agentFile}`)
  const file = fleet('ssh-slow.yaml', 'address: ssh://n1-slow', 'ssh: { keepFor: 1s }')
  expect(health(file).codes).toEqual(expect.arrayContaining(daemonsDown))
})

test('SSH: a login that takes longer than anybody waits is there for the next look', () => {
  rmSync(sshCalls, { force: true })
  fakeSsh(`echo "$@" >> ${sshCalls}; sleep 14; exec ${launcher} agent stdio --config ${agentFile}`)
  const file = fleet('ssh-slow.yaml', 'address: ssh://slow', 'ssh: { keepFor: 60s }')
  expect(health(file).codes).toEqual(['AGENT_UNREACHABLE n1'])
  expect(health(file).codes).toEqual(expect.arrayContaining(daemonsDown))
  expect(readFileSync(sshCalls, 'utf8').trim().split('\n')).toHaveLength(1)
})

test.each([
  ['a changed host key', 'Host key verification failed.', 'its SSH host key is not the one that is known'],
  ['a refused login', 'operator@n1: Permission denied (publickey).', 'SSH does not let us in'],
  ['no tiercel there', 'sh: 1: tiercel: not found', 'tiercel is not installed there'],
  ['words we do not know', 'kex_exchange: xyzzy', 'xyzzy'],
])('SSH: %s is told as such', (title, said, says) => {
  fakeSsh(`echo '${said}' >&2; exit 255`)
  for (const keepFor of ['0s', '5s']) {
    const found = health(
      fleet(
        'ssh-broken.yaml',
        `address: ssh://${title.replaceAll(' ', '-')}-${keepFor}`,
        `ssh: { keepFor: ${keepFor} }`,
      ),
    )
    expect(found.codes).toEqual(['AGENT_UNREACHABLE n1'])
    expect(JSON.stringify(found.findings)).toContain(says)
    expect(found.status).not.toBe(0)
  }
})

test('SSH: an agent that does not run is told as such, with how to start it', () => {
  writeFileSync(at('agent-down.yaml'), readFileSync(agentFile, 'utf8').replace('agent.sock', 'nobody.sock'))
  fakeSsh(`exec ${launcher} agent stdio --config ${at('agent-down.yaml')}`)
  const found = health(fleet('ssh-down.yaml', 'address: ssh://n1-down', 'ssh: { keepFor: 0s }'))
  expect(found.codes).toEqual(['AGENT_UNREACHABLE n1'])
  expect(JSON.stringify(found.findings)).toContain('systemctl start tiercel-agent')
})

test('a second agent does not take the socket of the first', () => {
  const second = spawnSync(launcher, ['agent', 'run', '--config', agentFile], { encoding: 'utf8', timeout: 20_000 })
  expect(second.status).toBe(2)
  expect(second.stderr).toContain('already served by another process')
})

test('an agent that is ended goes away at once', async () => {
  const [agent] = children
  const ended = new Promise((resolve) => agent?.once('exit', (code) => resolve(code)))
  agent?.kill('SIGTERM')
  expect(await ended).toBe(0)
  expect(health(at('socket.yaml')).codes).toEqual(['AGENT_UNREACHABLE n1'])
})
