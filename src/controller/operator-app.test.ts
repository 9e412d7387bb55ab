import { describe, expect, test } from 'vitest'
import { fakeController } from '../../test/builders/fake-controller.ts'
import { runRecord } from '../../test/builders/practice-run.ts'
import { now } from '../../test/builders/readings.ts'
import { parametersOf } from '../api/openapi.ts'
import { includesRole, OperatorError } from '../api/operator-nouns.ts'
import { Role } from '../domain/role.ts'
import { eventsPath, operatorRoutes } from '../api/operator.ts'
import { UnexpectedOutput } from '../domain/errors.ts'
import { days, hours, Instant } from '../domain/units.ts'
import { makeId } from '../domain/make-id.ts'

const run = runRecord()
const requestId = makeId(now)

/** A good body for each request that has one: a new one must be given here, or its test is red. */
const bodies: Readonly<Record<string, unknown>> = {
  mutesAdd: {
    code: 'POOL_DEGRADED',
    subject: 'n1/hot-tier',
    planned: true,
    reason: 'new disk',
    at: now,
    until: now + 60_000,
    covers: [],
  },
  plan: { procedure: 'practice', input: { host: 'n1' } },
  runStart: { procedure: 'practice', input: { host: 'n1' }, requestId },
  runResume: {},
  runCancel: {},
  runUndo: {},
  runLeave: {},
  runAnswer: { choice: 'undo' },
  runApprove: { planHash: run.planHash },
  freezeSet: { reason: 'the network is rebuilt', for: 3_600_000 },
  tokenCreate: { name: 'bob', role: 'viewer' },
  takeOver: {},
  backup: { file: '/backup.sqlite' },
}

const params: Readonly<Record<string, string>> = { run: run.id, mute: 'm1', token: 'viewer0' }

type Bench = ReturnType<typeof fakeController>

async function asked(bench: Bench, name: string, token: string | undefined): Promise<Response> {
  const { method, path } = operatorRoutes[name as keyof typeof operatorRoutes]
  const body = bodies[name]
  return bench.app.request(
    path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => params[parameter] ?? ''),
    {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
  )
}

const names = Object.keys(operatorRoutes)

describe.each(names)('%s', (name) => {
  const { role: needed } = operatorRoutes[name as keyof typeof operatorRoutes]

  test('is for its role and those above it, and for nobody without a token', async () => {
    for (const role of Role.options) {
      const bench = fakeController()
      bench.runs.set(run.id, run)
      await bench.token('viewer')
      await bench.parts.mutes.add({ code: 'X', planned: false, by: 'x', reason: 'x', at: now, until: now, covers: [] })
      if (name === 'freezeEnd') await bench.parts.freeze.set({ reason: 'x', by: 'x', at: now, until: null })
      const answer = await asked(bench, name, await bench.token(role))
      expect({ role, status: answer.status, failures: bench.failures }).toEqual({
        role,
        status: includesRole(role, needed) ? 200 : 403,
        failures: [],
      })
    }
    const bench = fakeController()
    for (const token of [undefined, 'tiercel_wrong']) {
      const answer = await asked(bench, name, token)
      expect(answer.status).toBe(401)
      expect(OperatorError.parse(await answer.json()).error.hint).toContain('Bearer')
    }
    expect(bench.audited).toEqual([])
  })

  test('answers by its contract', async () => {
    const bench = fakeController()
    bench.runs.set(run.id, run)
    await bench.token('viewer')
    await bench.parts.mutes.add({ code: 'X', planned: false, by: 'x', reason: 'x', at: now, until: now, covers: [] })
    if (name === 'freezeEnd') await bench.parts.freeze.set({ reason: 'x', by: 'x', at: now, until: null })
    const answer = await asked(bench, name, await bench.token('admin'))
    const route = operatorRoutes[name as keyof typeof operatorRoutes]
    expect(route.answer.safeParse(await answer.json()).error).toBeUndefined()
  })
})

test('every path that the server knows is in the contract, or is public on purpose', () => {
  const known = new Set([
    ...Object.values(operatorRoutes).map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    `GET ${eventsPath}`,
    'GET /openapi.json',
    'GET /docs',
  ])
  const served = fakeController()
    .app.routes.filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path}`)
  expect(served.length).toBeGreaterThan(20)
  expect(served.filter((each) => !known.has(each))).toEqual([])
})

test('every change is audited, with who, what and outcome; a question is not', async () => {
  for (const [name, { isChange, path }] of Object.entries(operatorRoutes)) {
    const bench = fakeController()
    bench.runs.set(run.id, run)
    await bench.token('viewer')
    await asked(bench, name, await bench.token('admin'))
    const outcomes = bench.audited.map(({ outcome }) => outcome.replace(/:.*/, ''))
    // What is no one transaction is noted before it is begun.
    const wanted = [['done'], ['refused'], ['asked', 'done'], ['asked', 'refused']]
    expect(isChange ? wanted : [[]]).toContainEqual(outcomes)
    for (const { who, what, subject } of bench.audited) {
      expect({ who, what }).toEqual({ who: 'admin1', what: expect.stringContaining(path) as string })
      expect(parametersOf(path).includes('run') ? [run.id] : [subject]).toContain(subject)
    }
  }
})

test('who may not change is audited too, by name', async () => {
  const bench = fakeController()
  expect((await asked(bench, 'freezeSet', await bench.token('viewer'))).status).toBe(403)
  expect(bench.audited).toMatchObject([{ who: 'viewer0', outcome: expect.stringContaining('role operator') }])
})

test('of who shows no token, no body is read', async () => {
  const bench = fakeController()
  let read = 0
  const endless = () =>
    new ReadableStream<Uint8Array>(
      {
        pull(stream) {
          read += 1
          stream.enqueue(new Uint8Array(64 * 1024))
        },
      },
      { highWaterMark: 0 },
    )
  const ask = async (token: string) =>
    (
      await bench.app.request('/v1/runs', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: endless(),
        duplex: 'half',
      })
    ).status
  expect(await ask('tiercel_wrong')).toBe(401)
  expect(await ask(await bench.token('viewer'))).toBe(403)
  expect(read).toBe(0)
  // The control: who may ask is read, up to the bound.
  expect(await ask(await bench.token('operator'))).toBe(413)
  expect(read).toBe(17)
})

test('a revoked token opens nothing', async () => {
  const bench = fakeController()
  const admin = await bench.token('admin')
  const token = await bench.token('viewer')
  expect((await asked(bench, 'health', token)).status).toBe(200)
  await bench.parts.tokens.revoke('viewer1', now)
  expect((await asked(bench, 'health', token)).status).toBe(401)
  expect((await asked(bench, 'health', admin)).status).toBe(200)
})

test('the last token of an admin cannot be revoked', async () => {
  const bench = fakeController()
  const token = await bench.token('admin')
  const answer = await bench.app.request('/v1/tokens/admin0', {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  })
  expect(answer.status).toBe(409)
})

test('a token is in no list, no audit and no log', async () => {
  const bench = fakeController()
  const admin = await bench.token('admin')
  const made = (await (await asked(bench, 'tokenCreate', admin)).json()) as { token: string }
  const rest = [
    await (await asked(bench, 'tokens', admin)).text(),
    JSON.stringify(bench.audited),
    bench.failures.join(),
  ]
  expect(rest.join()).toContain('bob')
  expect(rest.join()).not.toContain(made.token)
  expect(rest.join()).not.toContain(admin)
})

const post = async (bench: Bench, path: string, body: string) =>
  bench.app.request(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${await bench.token('admin')}` },
    body,
  })

describe('what is asked wrongly', () => {
  test.each([
    ['no JSON', '/v1/plans', '{', 400, 'no JSON'],
    ['an answer that no question has', `/v1/runs/${run.id}/answer`, '{"choice":"maybe"}', 400, 'look-again'],
    ['a key too many', '/v1/runs/x/cancel', '{"force":true}', 400, 'force'],
    ['a run that is not there', '/v1/runs/x/cancel', '{}', 404, 'there is no run x'],
    ['a path that is not there', '/v1/nothing', '{}', 404, 'not known here'],
    ['a body without end', '/v1/plans', 'x'.repeat(2 * 1024 * 1024), 413, 'at most'],
  ])('%s', async (_, path, body, status, says) => {
    const bench = fakeController()
    bench.runs.set(run.id, run)
    const answer = await post(bench, path, body)
    expect(answer.status).toBe(status)
    expect(OperatorError.parse(await answer.json()).error.message).toContain(says)
  })

  test('a fault of ours is told without its words, which are for the log', async () => {
    const bench = fakeController()
    bench.parts.engine.plan = async () => {
      throw new TypeError('undefined is not a pool')
    }
    const answer = await post(bench, '/v1/plans', JSON.stringify(bodies['plan']))
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('undefined is not a pool')
    expect(bench.failures.join()).toContain('undefined is not a pool')
  })

  test('an error of ours tells by its remedy whether to come again', async () => {
    const bench = fakeController()
    bench.parts.engine.plan = async () => {
      throw new UnexpectedOutput('zpool status said something new', 'x')
    }
    expect((await post(bench, '/v1/plans', JSON.stringify(bodies['plan']))).status).toBe(422)
  })
})

test('a run that is asked for twice is the same run', async () => {
  const bench = fakeController()
  const token = await bench.token('operator')
  const [one, other] = await Promise.all([asked(bench, 'runStart', token), asked(bench, 'runStart', token)])
  const again = await asked(bench, 'runStart', token)
  const ids = await Promise.all([one, other, again].map(async (answer) => ((await answer.json()) as { id: string }).id))
  expect(new Set(ids).size).toBe(1)
  expect(bench.runs.size).toBe(1)
})

test('a request id of another day is refused: the run would be listed there', async () => {
  const bench = fakeController()
  const old = makeId(Instant.parse(now - days(1)))
  const body = JSON.stringify({ procedure: 'practice', input: {}, requestId: old })
  expect((await post(bench, '/v1/runs', body)).status).toBe(409)
  expect(bench.runs.size).toBe(0)
})

test('a controller that stands back starts nothing, says why in health, and still answers', async () => {
  const bench = fakeController()
  bench.runs.set(run.id, run)
  bench.back.why = 'n1 obeys c2, which has epoch 7'
  const token = await bench.token('operator')
  for (const name of ['runStart', 'runResume', 'runUndo', 'runAnswer']) {
    const answer = await asked(bench, name, token)
    expect({ name, status: answer.status }).toEqual({ name, status: 409 })
    expect(await answer.text()).toContain('c2')
  }
  expect(await (await asked(bench, 'health', token)).text()).toContain('n1 obeys c2')
  expect((await asked(bench, 'plan', token)).status).toBe(200)
  expect((await asked(bench, 'runCancel', token)).status).toBe(200)
})

test('what holds on single hosts is told to whoever asks, and holds back no start', async () => {
  const bench = fakeController()
  bench.back.apart = ['n1: it has noted no key of c1']
  const token = await bench.token('operator')
  expect(await (await asked(bench, 'whoami', token)).json()).toMatchObject({
    standsBack: null,
    apart: bench.back.apart,
  })
  expect(await (await asked(bench, 'health', token)).text()).toContain('on one host: n1: it has noted no key')
  expect((await asked(bench, 'runStart', token)).status).toBe(200)
})

test('who has asked for a run cannot approve it', async () => {
  const bench = fakeController()
  const token = await bench.token('operator')
  bench.runs.set(run.id, { ...run, requestedBy: 'operator0' })
  expect((await asked(bench, 'runApprove', token)).status).toBe(409)
  expect((await asked(bench, 'runApprove', await bench.token('operator'))).status).toBe(200)
})

test('an approval has its roles and its time', async () => {
  const bench = fakeController()
  bench.runs.set(run.id, run)
  bench.parts.settings = () => ({
    approval: { procedure: 'practice', roles: ['admin'], expires: hours(1), for: ['start'] },
  })
  expect((await asked(bench, 'runApprove', await bench.token('operator'))).status).toBe(403)
  expect((await asked(bench, 'runApprove', await bench.token('admin'))).status).toBe(200)
  bench.runs.set(run.id, { ...run, createdAt: Instant.parse(now - hours(2)) })
  const late = await asked(bench, 'runApprove', await bench.token('admin'))
  expect(late.status).toBe(409)
  expect(await late.text()).toContain('asked for 2 h ago')
})

test('the pages for people and for programs name every request', async () => {
  const { app } = fakeController()
  const page = await (await app.request('/docs')).text()
  const document = await (await app.request('/openapi.json')).text()
  for (const { path } of Object.values(operatorRoutes)) {
    expect(page).toContain(path)
    expect(document).toContain(JSON.stringify(path))
  }
  expect(page).not.toMatch(/<(script|link|img)/)
})
