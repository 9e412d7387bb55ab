import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { keptSshAgent, socketAgent, sshAgent } from '../../src/adapters/agent/agent-client.ts'
import { listenOn } from '../../src/adapters/system/listen.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import { parsePolicy } from '../../src/adapters/policy/policy-file.ts'
import type { Authority, OperationState } from '../../src/domain/operation.ts'
import { seconds } from '../../src/domain/units.ts'
import { executorServer } from '../../src/executor/http.ts'
import { rootOperations } from '../../src/executor/root-operations.ts'
import { operationIdAt } from '../builders/operation-id.ts'
import { signerFor } from '../builders/signer.ts'
import { fakeZpool } from '../builders/fake-zpool.ts'
import { scrubPolicy } from '../contracts/agent-bench.ts'
import { type ChangesBench, crashContract } from '../contracts/changes.contract.ts'

const launcher = join(import.meta.dirname, '../../bin/tiercel')

const policy = () => parsePolicy('/etc/tiercel/policy.yaml', scrubPolicy)

const asking = (authority: Authority) => ({
  host: 'n1',
  authority: () => authority,
  signer: signerFor(authority.controller),
  clock: systemClock,
})

/** The real agent in a process of its own, killed without a word where the contract says so; the executor asks a fake zpool. */
async function openProcessBench(): Promise<ChangesBench & { crash(): Promise<void>; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-operations-'))
  const at = (name: string) => join(folder, name)
  const zpool = fakeZpool()
  writeFileSync(at('token'), 'open sesame\n', { mode: 0o600 })
  writeFileSync(
    at('agent.yaml'),
    `apiVersion: 1
host: n1
socket: ${at('agent.sock')}
token: { file: ${at('token')} }
grantToken: { file: ${at('token')} }
executor: { socket: ${at('executor.sock')}, token: { file: ${at('token')} } }
pinIndex: { folder: ${at('pins')} }
operations: { folder: ${at('operations')} }
`,
  )
  const operations = rootOperations({
    exec: zpool.exec,
    clock: systemClock,
    policy,
    poolState: () => zpool.kstat,
    audit: () => undefined,
  })
  const executor = executorServer({
    exec: zpool.exec,
    token: 'open sesame',
    tiercelVersion: '0',
    policy,
    operations,
    clusterFolder: () => '/',
  })
  await listenOn(executor, at('executor.sock'), 0o660)
  let agent: ChildProcess | undefined
  const start = async () => {
    agent = spawn(launcher, ['agent', 'run', '--config', at('agent.yaml')], { stdio: 'ignore' })
    for (let tries = 0; tries < 300 && !existsSync(at('agent.sock')); tries += 1) await sleep(50)
  }
  const kill = async () => {
    const ended = new Promise((resolve) => agent?.once('exit', resolve))
    agent?.kill('SIGKILL')
    await ended
    rmSync(at('agent.sock'), { force: true })
  }
  await start()
  const client = socketAgent(at('agent.sock'), { file: at('token') }, { file: at('token') })
  const takeOver = async (authority: Authority): Promise<void> => {
    const signer = signerFor(authority.controller)
    await client.control.claim({ host: 'n1', authority, takeOver: true, signer, at: systemClock.now() })
  }
  await takeOver({ controller: 'one', epoch: 1 })
  return {
    as: (authority) => client.changes(asking(authority)),
    takeOver,
    now: () => Date.now(),
    pass: (time) => sleep(time),
    marks: () => client.control.look('practice-marks', {}),
    pool: zpool.pool,
    scrubCommands: () => zpool.scrubs.length,
    folder,
    async crash() {
      await kill()
      await start()
    },
    async close() {
      client.close()
      await kill()
      executor.close()
      executor.closeAllConnections()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

crashContract('an agent in a process of its own', openProcessBench)

test('behind SSH, a watch that lasts has a connection to itself: other questions do not wait behind it', async () => {
  const bench = await openProcessBench()
  const at = (name: string) => join(bench.folder, name)
  mkdirSync(at('run'), { mode: 0o700 })
  mkdirSync(at('bin'))
  writeFileSync(at('bin/ssh'), `#!/bin/sh\nexec ${launcher} agent stdio --config ${at('agent.yaml')}\n`, {
    mode: 0o755,
  })
  vi.stubEnv('PATH', `${at('bin')}:${process.env['PATH']}`)
  vi.stubEnv('XDG_RUNTIME_DIR', at('run'))
  const ways = {
    'a connection of our own': sshAgent({ address: 'ssh://n1' }),
    'a kept connection': keptSshAgent({ address: 'ssh://n1' }, { keepFor: seconds(3), command: [launcher] }),
  }
  try {
    for (const [way, client] of Object.entries(ways)) {
      const authority = { controller: 'one', epoch: 1 }
      const changes = client.changes(asking(authority))
      const id = operationIdAt(Date.now())
      // Longer than any other answer may take over a kept connection.
      const takes = seconds(9)
      await changes.submit(id, { kind: 'practice-mark', mark: way.replaceAll(' ', '-'), takes, fails: false })
      const last = (async () => {
        let seen: OperationState | undefined
        for await (const state of changes.watch(id)) seen = state
        return seen
      })()
      await sleep(4000)
      const askedAt = performance.now()
      const { authority: obeyed } = await client.control.grant()
      expect(obeyed, `by ${way}`).toEqual(authority)
      const took = performance.now() - askedAt
      expect(took, `by ${way}`).toBeLessThan(4000)
      const ended = await last
      expect(ended?.state, `by ${way}`).toBe('succeeded')
      client.close()
    }
  } finally {
    vi.unstubAllEnvs()
    await bench.close()
  }
})

const isRoot = process.getuid?.() === 0

const agentPolicy = (...args: string[]) =>
  spawnSync(launcher, ['agent', 'policy', ...args], { encoding: 'utf8', timeout: 20_000 })

test.runIf(isRoot)('agent policy says what is allowed, and by which line (needs root to make its file)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-policy-'))
  const file = join(folder, 'policy.yaml')
  writeFileSync(file, scrubPolicy, { mode: 0o644 })
  const run = (...args: string[]) => agentPolicy(...args, '--policy', file)
  expect(run('test', 'scrub-start', '--pool', 'hot-tier')).toMatchObject({
    status: 0,
    stdout: `allowed: ${file}:4 allows scrub-start on hot-tier\n`,
  })
  expect(run('test', 'scrub-start', '--pool', 'cold-tier').status).toBe(1)
  expect(JSON.parse(run('test', 'scrub-start', '--pool', 'x', '--json').stdout)).toMatchObject({ isAllowed: false })
  expect(run('show').stdout).toContain('line 4: scrub-start')
  expect(JSON.parse(run('show', '--json').stdout)).toMatchObject({ mode: 'operate', allow: [{ line: 4 }] })
  rmSync(folder, { recursive: true })
})

test('agent policy: without a file nothing is allowed but practice, and a wrong word is told with the right one', () => {
  const absent = ['--policy', '/nonexistent/policy.yaml']
  expect(agentPolicy('test', 'practice-mark', ...absent).status).toBe(0)
  expect(agentPolicy('test', 'scrub-stop', ...absent)).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('there is no /nonexistent/policy.yaml'),
  })
  const wrong = agentPolicy('test', 'scrub-strat', ...absent)
  expect(wrong.status).toBe(2)
  expect(wrong.stderr).toContain('did you mean scrub-start?')
  expect(agentPolicy('test').status).toBe(2)
})
