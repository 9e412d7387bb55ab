import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { operationIdAt } from '../builders/operation-id.ts'
import { rootDoer } from '../../src/adapters/agent/root-doer.ts'
import { parsePolicy } from '../../src/adapters/policy/policy-file.ts'
import { systemClock } from '../../src/adapters/system/clock.ts'
import type { Clock } from '../../src/domain/ports/clock.ts'
import type { Exec } from '../../src/adapters/system/exec.ts'
import { listenOn } from '../../src/adapters/system/listen.ts'
import { createDoer } from '../../src/agent/operations/doer.ts'
import { Stuck } from '../../src/domain/errors.ts'
import { apiVersion } from '../../src/domain/observation.ts'
import { days, hours, seconds, Share } from '../../src/domain/units.ts'
import { manualClock } from '../../src/observe/testing.ts'
import { agentOperation, type AnyOperation, rootOperation } from '../../src/operations/operation.ts'
import { scrubStop } from '../../src/operations/scrub-stop.ts'
import { executorServer } from '../../src/executor/http.ts'
import { rootOperations } from '../../src/executor/root-operations.ts'

const policy = () =>
  parsePolicy('policy.yaml', 'apiVersion: 1\nmode: operate\nallow: [{ operations: [scrub-stop], pools: [a] }]\n')

const common = {
  about: '',
  results: '',
  Words: { pool: z.string() },
  Result: z.object({ found: z.string() }),
  example: { pool: 'a' },
  scopes: ({ pool }: { pool: string }) => [{ kind: 'pool' as const, name: pool }],
  subjects: () => [],
}

/** What takes days, and tells how far it is. */
const slow = (lasts: boolean) =>
  rootOperation({
    ...common,
    kind: 'scrub-stop',
    guard: { looks: () => [], objection: () => undefined },
    commands: () => [{ file: 'zpool', args: ['wait'] }],
    meanings: [],
    read: () => ({ result: { found: 'its end' } }),
    deadline: days(90),
    ...(lasts ? { lasts: { progress: async () => ({ share: Share.parse(0.5), text: 'half' }) } } : {}),
  })

/** `zpool wait`: it ends when it is called off, or when it is said to. */
function waiting(): { exec: Exec; end: () => void } {
  let end: ((stdout: string) => void) | undefined
  const exec: Exec = (_, __, { signal } = {}) =>
    new Promise((resolve, reject) => {
      end = resolve
      signal?.addEventListener('abort', () => reject(new Stuck('zpool wait was called off')), { once: true })
    })
  return { exec, end: () => end?.('') }
}

const rootOf = (lasts: boolean, exec: Exec, clock: Clock) =>
  rootOperations({
    exec,
    clock,
    policy,
    poolState: () => 'ONLINE',
    audit: () => undefined,
    named: () => slow(lasts),
  })

test('what lasts tells how far it is, is under way all the while, and can be called off', async () => {
  const [clock, { exec }] = [manualClock(), waiting()]
  const root = rootOf(true, exec, clock)
  const [id, said] = [operationIdAt(Date.now()), [] as unknown[]]
  const ended = root.operate(slow(true).of({ pool: 'a' }), id, (progress) => said.push(progress))
  await clock.advance(hours(6))
  expect([root.underWay(), said.length > 100, said[0]]).toEqual([1, true, { share: 0.5, text: 'half' }])
  root.cancel(id)
  expect(await ended).toMatchObject({ end: { state: 'failed', remedy: 'stop' } })
  expect(root.underWay()).toBe(0)
})

test('what takes a moment is brought to its end, whoever calls it off', async () => {
  const [clock, { exec, end }] = [manualClock(), waiting()]
  const root = rootOf(false, exec, clock)
  const id = operationIdAt(Date.now())
  const ended = root.operate(slow(false).of({ pool: 'a' }), id)
  root.cancel(id)
  await clock.advance(seconds(1))
  expect(root.underWay()).toBe(1)
  end()
  expect(await ended).toMatchObject({ end: { state: 'succeeded', result: { found: 'its end' } } })
})

test('what mounts has its programs run where the host sees it, and nothing else has', async () => {
  const ran: string[] = []
  const exec = (where: string): Exec => {
    return async (file, args) => {
      ran.push([where, file, ...args].join(' '))
      return ''
    }
  }
  const doOne = async (mounts: boolean) => {
    const one = { ...slow(false), mounts }
    const options = { clock: manualClock(), policy, poolState: () => 'ONLINE', audit: () => undefined }
    const root = rootOperations({ exec: exec('own'), mountingExec: exec('host'), named: () => one, ...options })
    return (await root.operate(one.of({ pool: 'a' }), operationIdAt(Date.now()))).commands.map(({ command }) => command)
  }
  expect(await doOne(true)).toEqual(['zpool wait'])
  expect(await doOne(false)).toEqual(['zpool wait'])
  expect(ran).toEqual(['host zpool wait', 'own zpool wait'])
})

test('over the socket: progress comes, a cancel of the agent reaches it, and the end is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-lasting-'))
  writeFileSync(join(folder, 'token'), 'right\n', { mode: 0o600 })
  const canceled = Promise.withResolvers<void>()
  const server = executorServer({
    exec: () => Promise.reject(new Error('not run here')),
    token: 'right',
    tiercelVersion: '0',
    policy,
    operations: {
      permit: () => 'allowed',
      underWay: () => 1,
      cancel: () => canceled.resolve(),
      async operate(_operation, _id, told) {
        told?.({ share: Share.parse(0.25), text: 'a quarter' })
        await canceled.promise
        return { apiVersion, commands: [], end: { state: 'failed', error: 'it was called off', remedy: 'stop' } }
      },
    },
    clusterFolder: () => '/',
  })
  await listenOn(server, join(folder, 'sock'), 0o660)
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
    rmSync(folder, { recursive: true })
  })
  const executor = rootDoer({ socket: join(folder, 'sock'), token: { file: join(folder, 'token') } })
  const off = new AbortController()
  const state = await createDoer({ host: 'n1', executor, marks: noMarks, clock: systemClock }).do(
    operationIdAt(Date.now()),
    scrubStop.of({ pool: 'a', guid: '1' }),
    { signal: off.signal, progress: ({ text }) => (text === 'a quarter' ? off.abort() : undefined) },
  )
  expect(state).toEqual({ state: 'failed', error: 'it was called off', remedy: 'stop', commands: [] })
})

const noMarks = {
  list: async () => [],
  find: async () => undefined,
  leave: async () => undefined,
  take: async () => false,
}

const own = (by: 'agent' | 'harmless'): AnyOperation =>
  agentOperation({ ...common, kind: by, by, act: async ({ pool }) => ({ result: { found: pool } }) })

const named = (kind: string) => (kind === 'agent' || kind === 'harmless' ? own(kind) : undefined)

test('what the agent does by itself is allowed by the policy all the same, unless it is harmless', async () => {
  const asked: string[] = []
  const executor = {
    permit: async ({ kind }: { kind: string }) => void asked.push(kind),
    operate: () => Promise.reject(new Error('not root’s')),
    cancel: async () => undefined,
    policy: async () => policy(),
  }
  const doer = createDoer({ host: 'n1', executor, marks: noMarks, clock: manualClock(), named })
  for (const kind of ['agent', 'harmless']) await doer.permit({ kind, pool: 'a' })
  expect(asked).toEqual(['agent'])
  const doing = { signal: new AbortController().signal, progress: () => undefined }
  expect(await doer.do(operationIdAt(Date.now()), { kind: 'agent', pool: 'a' }, doing)).toMatchObject({
    result: { found: 'a' },
  })
  await expect(doer.permit({ kind: 'other' })).rejects.toThrow('it is of another release')
})
