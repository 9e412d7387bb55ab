import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSqliteStore } from '../../src/adapters/store/open-sqlite.ts'
import { checkSettings } from '../../src/controller/check-settings.ts'
import { type Controller, createController } from '../../src/controller/controller.ts'
import { hashOf, makeToken } from '../../src/controller/tokens.ts'
import { makeId } from '../../src/domain/make-id.ts'
import { apiVersion } from '../../src/domain/observation.ts'
import type { ControllerStore } from '../../src/domain/ports/controller-store.ts'
import { Fleet } from '../../src/domain/fleet.ts'
import { StoreUnusable } from '../../src/domain/ports/run-store.ts'
import { type Instant, seconds } from '../../src/domain/units.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { procedures } from '../../src/procedures/index.ts'
import { observeWorld } from '../../src/sim/observed-fleet.ts'
import { simFleet } from '../../src/sim/sim-fleet.ts'
import { simProcedureWorld } from '../../src/sim/sim-procedures-world.ts'

// A whole controller over the simulator, on a real store: who may have it do what, and what stands in the audit of it.

const folder = mkdtempSync(join(tmpdir(), 'tiercel-test-'))
let store: ControllerStore
let controller: Controller
/** While it says so, nothing can be added to the audit but within a change. */
let auditIsFull = false
const logged: string[] = []
const tokens = new Map<string, string>()
let now: () => Instant
/** Lets a second of the world pass. */
let pass: () => Promise<void>

beforeAll(async () => {
  const opened = await openSqliteStore({ path: join(folder, 'store.db') })
  store = {
    ...opened,
    audit: {
      ...opened.audit,
      add: async (entry) => {
        if (auditIsFull && entry.outcome === 'done') throw new StoreUnusable('no room')
        return opened.audit.add(entry)
      },
    },
  }
  const world = createWorld({ pins: 30, startAt: Date.now() })
  const hosts = await observeWorld(world, 'test')
  const declared = simFleet(world)
  controller = await createController({
    fleet: {
      ...declared,
      procedures: approved([
        { procedure: 'scrub', roles: ['admin'] },
        { procedure: 'practice', for: ['undo'] },
      ]),
    },
    source: {},
    hosts,
    control: (host) => ({ grant: obeying(host), claim: obeying(host) }),
    world: () => simProcedureWorld(world, hosts.clock),
    store,
    clock: hosts.clock,
    collectEvery: seconds(10),
    name: () => 'test',
    log: { info: () => undefined, error: (text) => void logged.push(text) },
  })
  await controller.start()
  for (const [name, role] of [
    ['root1', 'admin'],
    ['root2', 'admin'],
    ['olga', 'operator'],
    ['pete', 'operator'],
    ['vera', 'viewer'],
  ] as const) {
    const made = await store.transaction(async (transaction) =>
      makeToken(transaction.tokens, { name, role, at: hosts.clock.now() }),
    )
    tokens.set(name, made.token)
  }
  const other = await store.transaction(async (transaction) =>
    makeToken(transaction.tokens, { name: 'olga-ci', person: 'olga', role: 'operator', at: hosts.clock.now() }),
  )
  tokens.set('olga-ci', other.token)
  // As a release without persons has left them.
  for (const name of ['old1', 'old2']) {
    tokens.set(name, `tiercel_${name}`)
    await store.tokens.add({ name, person: '', role: 'admin', createdAt: hosts.clock.now() }, hashOf(`tiercel_${name}`))
  }
  pass = async () => hosts.pass(seconds(1))
  now = () => hosts.clock.now()
})

afterAll(async () => {
  await controller.stop()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const approved = (approval: object[]): Fleet['procedures'] =>
  Fleet.parse({ apiVersion: 1, hosts: [{ name: 'n1', address: 'local' }], procedures: { approval } }).procedures

/** Simulated agents obey whoever asks. */
const obeying = (host: string) => async () => ({ apiVersion, host, authority: null, lastOperation: null })

/** Of two who ask at once, one is answered. */
const isOneOfTwo = (statuses: number[]): boolean => statuses.includes(200) && statuses.includes(409)

const authorized = (who: string) => ({ authorization: `Bearer ${tokens.get(who) ?? ''}` })

async function ask(who: string, method: string, path: string, body?: unknown) {
  const sent = typeof body === 'string' ? { body } : body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await controller.app.request(path, { method, headers: authorized(who), ...sent })
  // "as": what each test asks of it fails where it is otherwise.
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

const newId = (): string => makeId(now())

const start = async (who: string, procedure: string, input: object, requestId = newId()) =>
  ask(who, 'POST', '/v1/runs', { procedure, input, requestId })

/** The stream of events, at its beginning. */
const follow = async (who: string) => {
  const { body } = await controller.app.request('/v1/events', { headers: authorized(who) })
  const reader = body?.getReader()
  await reader?.read()
  return reader
}

const verified = async () => (await ask('vera', 'GET', '/v1/audit/verify')).body['fault']

test('a rule for a procedure that there is not is told at the start: it would guard nothing', () => {
  const fleet = { procedures: approved([{ procedure: 'scrub' }, { procedure: 'scrubb' }]) }
  expect(() => checkSettings(fleet, procedures)).toThrow('procedures.approval.1: there is no procedure scrubb')
  expect(() => checkSettings({ procedures: approved([{ procedure: 'scrub' }]) }, procedures)).not.toThrow()
})

test('a part of a run is not approved by itself, and nothing of a planned run is begun', async () => {
  const { body: run } = await start('olga', 'scrub', { pools: ['n1/hot-tier', 'n2/cold-tier'] })
  expect(run).toMatchObject({ state: 'planned' })
  const approve = async (who: string, id: string) =>
    (await ask(who, 'POST', `/v1/runs/${id}/approve`, { planHash: run['planHash'] })).status
  const parts = (await ask('vera', 'GET', `/v1/runs?parent=${String(run['id'])}`)).body['runs'] as {
    id: string
    state: string
  }[]
  expect(parts).toHaveLength(2)
  expect(await approve('pete', String(run['id']))).toBe(403)
  for (const { id } of parts) {
    for (const who of ['pete', 'root1']) expect(await approve(who, id)).toBe(409)
    for (const verb of ['resume', 'undo'])
      expect((await ask('root1', 'POST', `/v1/runs/${id}/${verb}`, {})).status).toBe(409)
    expect((await ask('vera', 'GET', `/v1/runs/${id}`)).body['run']).toMatchObject({ state: 'planned' })
  }
  // The control: the whole is approved, and its parts begin.
  expect(await approve('root1', String(run['id']))).toBe(200)
  expect((await ask('root1', 'POST', `/v1/runs/${String(run['id'])}/cancel`, {})).status).toBe(200)
})

test('what speaks for a procedure speaks for its parts, started by themselves', async () => {
  const { body: run } = await start('olga', 'scrub-pool', { host: 'n3', pool: 'hot-tier' })
  expect(run).toMatchObject({ state: 'planned' })
  expect(
    (await ask('pete', 'POST', `/v1/runs/${String(run['id'])}/approve`, { planHash: run['planHash'] })).status,
  ).toBe(403)
  // The control: another procedure needs nobody.
  expect((await start('olga', 'practice', { host: 'n1', seconds: 5, mark: 'control' })).body['state']).not.toBe(
    'planned',
  )
})

test('two tokens of which nobody has said whose they are do not make two persons', async () => {
  const pools = ['n3/hot-tier']
  const refused = await start('old1', 'scrub', { pools })
  expect(refused).toMatchObject({
    status: 403,
    body: { error: { message: expect.stringContaining('whose the token old1') } },
  })
  const { body: run } = await start('olga', 'scrub', { pools })
  const approve = async (who: string, { id, planHash }: Record<string, unknown>) =>
    ask(who, 'POST', `/v1/runs/${String(id)}/approve`, { planHash })
  expect(await approve('old2', run)).toMatchObject({ status: 403 })
  expect((await ask('vera', 'GET', `/v1/runs/${String(run['id'])}`)).body['run']).toMatchObject({ state: 'planned' })
  // One that was asked for before there were persons.
  await store.transaction(async (transaction) => {
    const record = await transaction.run(String(run['id']))
    if (record !== undefined) await transaction.append({ ...record, requestedBy: 'old1' }, [])
  })
  expect(await approve('root1', run)).toMatchObject({ status: 403 })
  // The control: what needs nobody else, they do.
  expect((await ask('old1', 'POST', `/v1/runs/${String(run['id'])}/leave`, {})).status).toBe(200)
  for (const name of ['old1', 'old2']) await store.tokens.revoke(name, now())
})

test('a run that two must agree on to take back is not taken back by one, whatever tokens they have', async () => {
  const { body: run } = await start('olga', 'practice', { host: 'n2', seconds: 5, mark: 'two' })
  const id = String(run['id'])
  const stateOf = async () => {
    await pass()
    return (await ask('vera', 'GET', `/v1/runs/${id}`)).body['run']
  }
  await expect.poll(stateOf, { timeout: 30_000 }).toMatchObject({ state: 'succeeded' })
  const undo = async (who: string) => ask(who, 'POST', `/v1/runs/${id}/undo`, {})
  for (const who of ['olga', 'olga', 'olga-ci']) {
    expect(await undo(who)).toMatchObject({ status: 409, body: { error: { code: 'second-person-needed' } } })
  }
  expect(await stateOf()).toMatchObject({ state: 'succeeded' })
  expect((await ask('vera', 'GET', `/v1/runs/${id}`)).body['awaits']).toMatchObject([{ action: 'undo', by: 'olga' }])
  expect((await undo('pete')).status).toBe(200)
  await expect.poll(stateOf, { timeout: 30_000 }).toMatchObject({ state: 'undone' })
})

test('the plan is shown with its run, and not in lists', async () => {
  const { body: run } = await start('olga', 'scrub', { pools: ['n2/hot-tier'] })
  const shown = (await ask('vera', 'GET', `/v1/runs/${String(run['id'])}`)).body
  expect(shown['run']).toHaveProperty('plan')
  const listed = (await ask('vera', 'GET', '/v1/runs')).body['runs'] as { id: string; planHash: string }[]
  expect(listed.find(({ id }) => id === run['id'])).toMatchObject({ planHash: run['planHash'] })
  for (const each of [...listed, ...(shown['children'] as object[])]) {
    expect(each).not.toHaveProperty('plan')
    expect(each).not.toHaveProperty('input')
  }
  await ask('olga', 'POST', `/v1/runs/${String(run['id'])}/leave`, {})
})

test('a request id is of one run: who asks otherwise under it is refused', async () => {
  const id = newId()
  const input = { host: 'n2', seconds: 5, mark: 'once' }
  expect((await start('olga', 'practice', input, id)).status).toBe(200)
  expect((await start('olga', 'practice', { mark: 'once', seconds: 5, host: 'n2' }, id)).body['id']).toBe(id)
  const [same, other] = await Promise.all([start('olga', 'practice', input, id), start('pete', 'practice', input, id)])
  expect([same.status, other.status]).toEqual([200, 409])
  for (const [procedure, given] of [
    ['scrub-pool', input],
    ['practice', { ...input, mark: 'twice' }],
  ] as const) {
    expect((await start('olga', procedure, given, id)).status).toBe(409)
  }
})

test('what no database gives back as it was does not break the audit', async () => {
  expect(await verified()).toBeNull()
  const body = `{"procedure":"\\ud800 \\u0000","input":{},"requestId":"${newId()}"}`
  expect((await ask('olga', 'POST', '/v1/runs', body)).status).toBe(422)
  expect(await verified()).toBeNull()
  expect(JSON.stringify((await ask('vera', 'GET', '/v1/audit')).body)).toContain('\ufffd')
})

test('a change and the word of the audit are there together, or neither is', async () => {
  const before = await store.tokens.list()
  auditIsFull = true
  const freeze = await ask('olga', 'POST', '/v1/freeze', { reason: 'a move' })
  // Begun before, and done: told so, though the audit could not be.
  const run = await start('olga', 'practice', { host: 'n1', seconds: 5, mark: 'noted' })
  auditIsFull = false
  expect(freeze.status).toBe(200)
  expect(run.status).toBe(200)
  const { entries } = (await ask('vera', 'GET', '/v1/audit?limit=3')).body as unknown as {
    entries: { what: string; outcome: string }[]
  }
  expect(entries.map(({ what, outcome }) => `${what} ${outcome}`)).toEqual([
    'POST /v1/runs asked',
    'POST /v1/freeze done',
    expect.anything(),
  ])
  expect(logged.join('\n')).toContain('the audit does not have: olga POST /v1/runs')
  expect((await ask('olga', 'DELETE', '/v1/freeze')).status).toBe(200)
  expect(await store.tokens.list()).toEqual(
    before.map((token) => expect.objectContaining({ name: token.name }) as unknown),
  )
})

test('two admins who revoke each other at once: one is left', async () => {
  const both = await Promise.all([
    ask('root1', 'DELETE', '/v1/tokens/root2'),
    ask('root2', 'DELETE', '/v1/tokens/root1'),
  ])
  expect(both.map(({ status }) => status)).toSatisfy(isOneOfTwo)
  const left = (await store.tokens.list()).filter(({ role, revokedAt }) => role === 'admin' && revokedAt === null)
  expect(left).toHaveLength(1)
  const [name = ''] = left.map((token) => token.name)
  const made = await Promise.all(
    [1, 2].map(async () => ask(name, 'POST', '/v1/tokens', { name: 'twin', role: 'viewer' })),
  )
  expect(made.map(({ status }) => status)).toSatisfy(isOneOfTwo)
})

test('a revoked token is told nothing more, also on a stream that it has open', async () => {
  const admin = (await store.tokens.list()).find(({ role, revokedAt }) => role === 'admin' && revokedAt === null)?.name
  const revoked = await follow('vera')
  const allowed = await follow('pete')
  expect((await ask(admin ?? '', 'DELETE', '/v1/tokens/vera')).status).toBe(200)
  await start('olga', 'practice', { host: 'n3', seconds: 5, mark: 'afterwards' })
  expect((await revoked?.read())?.done).toBe(true)
  expect(Buffer.from((await allowed?.read())?.value ?? []).toString()).toContain('practice')
  await allowed?.cancel()
})
