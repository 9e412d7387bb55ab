import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { operationIdAt } from '../../test/builders/operation-id.ts'
import { signerFor } from '../../test/builders/signer.ts'
import { temporaryFolder } from '../../test/builders/temporary-folder.ts'
import { systemClock } from '../adapters/system/clock.ts'
import { AgentConfig } from '../domain/agent-config.ts'
import { grantHeader } from '../domain/grant-token.ts'
import type { Authority, Operation, OperationId } from '../domain/operation.ts'
import { PublicKey, signedText, type Signer } from '../domain/signed.ts'
import { hours, Instant, milliseconds, minutes } from '../domain/units.ts'
import { createActing } from './acting.ts'
import { agentApp } from './http.ts'

// Who may change a host: its real log and routes, and everybody who has the token that lets in to look.

let acting: ReturnType<typeof createActing>
let app: ReturnType<typeof agentApp>
let said: string[]

beforeEach(async () => {
  const folder = temporaryFolder()
  const [token, grantToken] = [{ file: join(folder, 'agent.token') }, { file: join(folder, 'grant.token') }]
  writeFileSync(grantToken.file, 'may grant\n', { mode: 0o600 })
  const config = AgentConfig.parse({
    apiVersion: 1,
    host: 'n1',
    token,
    grantToken,
    operations: { folder: join(folder, 'operations') },
    executor: { socket: join(folder, 'executor.sock'), token },
  })
  said = []
  const log = pino({}, { write: (line: string) => void said.push(line) })
  acting = createActing(config, {
    clock: systemClock,
    log,
    host: { name: 'n1', storage: undefined },
    observer: { zfs: undefined },
  })
  app = agentApp({
    host: 'n1',
    tiercelVersion: '0',
    token: 'may look',
    observation: () => {
      throw new Error('nobody asks for it')
    },
    acting: (routes) => acting.addRoutes(routes),
  })
  await acting.open()
  acting.start()
})
afterEach(async () => acting.end())

const now = () => systemClock.now()
const earlier = (time: number) => Instant.parse(now() - time)

/** Asks with the token that lets in to look. Gives the word of the refusal, or `ok`. */
async function ask(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<string> {
  const { code } = await answerOf(path, body, headers)
  return code
}

async function answerOf(path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await app.request(path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: 'Bearer may look', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- looked at by the expectations alone
  const json = (await answer.json()) as Record<string, unknown> & { error?: { code: string } }
  return Object.assign(json, { code: json.error?.code ?? 'ok' })
}

const one: Authority = { controller: 'one', epoch: 3 }
const mark = (word: string, takes = milliseconds(0)): Operation => ({
  kind: 'practice-mark',
  mark: word,
  takes,
  fails: false,
})
const newId = () => operationIdAt(Date.now())

/** As a controller signs it. */
function operationBy(
  signer: Signer,
  id: OperationId,
  { operation = mark('m'), authority = one, host = 'n1', at = now() } = {},
) {
  const asked = { host, id, operation, authority, at }
  return { apiVersion: 1, ...asked, signature: signer.sign(signedText({ what: 'operation', ...asked })) }
}
function claimBy(signer: Signer, authority = one, { takeOver = false, host = 'n1', at = now() } = {}) {
  const key = signer.publicKey
  const signature = signer.sign(signedText({ what: 'grant', host, authority, takeOver, key, at }))
  return { apiVersion: 1, host, ...authority, takeOver, key, at, signature }
}
function cancelBy(signer: Signer, id: OperationId, at = now()) {
  const signature = signer.sign(signedText({ what: 'cancel', host: 'n1', id, authority: one, at }))
  return { apiVersion: 1, host: 'n1', authority: one, at, signature }
}
const granting = { [grantHeader]: 'may grant' }
const [ours, theirs] = [signerFor('one'), signerFor('eve')]
const marks = async () => (await answerOf('/v1/look', { apiVersion: 1, what: 'practice-marks', question: {} }))['value']
const untilOver = async (id: OperationId) =>
  expect.poll(async () => (await answerOf(`/v1/operations/${id}`))['state']).toMatchObject({ state: 'succeeded' })

test('whoever has the token that lets in to look can change nothing, on a host that obeys somebody', async () => {
  expect(await ask('/v1/grant', claimBy(ours), granting)).toBe('ok')
  const { authority, key } = await answerOf('/v1/grant')
  expect({ authority, key }).toEqual({ authority: one, key: ours.publicKey })
  const id = newId()
  const good = operationBy(ours, id)
  const { signature: _, at: __, ...bare } = good
  const other = newId()
  const attempts: Record<string, unknown> = {
    'no signature': bare,
    'another key': operationBy(theirs, id),
    'a signature of another operation': { ...good, operation: mark('x') },
    'a signature for another id': { ...good, id: other },
    'a higher epoch': { ...good, authority: { ...one, epoch: 4 } },
    'another time': { ...good, at: now() + 1 },
    'a signature for another host': { ...operationBy(ours, id, { host: 'n2' }), host: 'n1' },
    'a request for another host': operationBy(ours, id, { host: 'n2' }),
    'signed long ago': operationBy(ours, id, { at: earlier(hours(1) + 1000) }),
    'signed in the future': operationBy(ours, id, { at: earlier(-1 * (hours(1) + minutes(1))) }),
    'a signed cancel': { ...good, signature: cancelBy(ours, id).signature },
  }
  const codes: Record<string, string> = {}
  for (const [about, body] of Object.entries(attempts)) codes[about] = await ask('/v1/operations', body)
  expect(codes).toEqual({
    'no signature': 'bad-request',
    'another key': 'bad-signature',
    'a signature of another operation': 'bad-signature',
    'a signature for another id': 'bad-signature',
    'a higher epoch': 'bad-signature',
    'another time': 'bad-signature',
    'a signature for another host': 'bad-signature',
    'a request for another host': 'other-host',
    'signed long ago': 'signature-time',
    'signed in the future': 'signature-time',
    'a signed cancel': 'bad-signature',
  })
  const grants = {
    'the epoch raised': claimBy(theirs, { controller: 'one', epoch: 4 }),
    'another controller': claimBy(theirs, { controller: 'eve', epoch: 9 }, { takeOver: true }),
    'the key of the controller with another signature': {
      ...claimBy(theirs, { controller: 'one', epoch: 4 }),
      key: ours.publicKey,
    },
    'another key at the same epoch': claimBy(theirs),
    'an old claim': claimBy(ours, one, { at: earlier(hours(2)) }),
    'a claim of another host': claimBy(ours, one, { host: 'n2' }),
  }
  const refused: Record<string, string> = {}
  for (const [about, body] of Object.entries(grants)) refused[about] = await ask('/v1/grant', body)
  expect(refused).toEqual({
    'the epoch raised': 'not-granted',
    'another controller': 'not-granted',
    'the key of the controller with another signature': 'bad-signature',
    'another key at the same epoch': 'other-key',
    'an old claim': 'signature-time',
    'a claim of another host': 'other-host',
  })
  const note = { apiVersion: 1, controller: 'eve', epoch: 1, key: theirs.publicKey }
  expect(await ask('/v1/grant/note', note)).toBe('not-granted')
  expect(await ask('/v1/grant/note', note, { [grantHeader]: 'may look' })).toBe('not-granted')
  expect(await answerOf('/v1/grant')).toMatchObject({ authority: one, key: ours.publicKey, lastOperation: null })
  expect(await marks()).toEqual([])

  // The control: what is signed is done, once, and its id is known from then on, whoever asks.
  expect(await ask('/v1/operations', good)).toBe('ok')
  await untilOver(id)
  expect(await ask('/v1/operations', good)).toBe('ok')
  expect(await ask('/v1/operations', operationBy(theirs, id))).toBe('ok')
  expect(await marks()).toEqual([{ mark: 'm', operation: id }])
  expect(await answerOf('/v1/grant')).toMatchObject({ lastOperation: id, lastRequest: good })
})

test('a host that obeys nobody is given away by its grant token alone, and does nothing before', async () => {
  expect(await ask('/v1/operations', operationBy(ours, newId()))).toBe('not-granted')
  expect(await ask('/v1/grant', claimBy(ours))).toBe('not-granted')
  expect(await ask('/v1/grant', claimBy(ours), { [grantHeader]: 'may look' })).toBe('not-granted')
  expect(await answerOf('/v1/grant')).toMatchObject({ authority: null, key: null })
  expect(await ask('/v1/grant', claimBy(ours), granting)).toBe('ok')
  // Whoever holds the key that is noted needs the token no more, neither for the same nor for a higher epoch.
  expect(await ask('/v1/grant', claimBy(ours))).toBe('ok')
  expect(await ask('/v1/grant', claimBy(ours, { controller: 'one', epoch: 4 }))).toBe('ok')
  expect(await ask('/v1/grant', claimBy(ours))).toBe('older-epoch')
  // No secret is written down anywhere.
  expect(said.join('')).not.toContain('may grant')
})

test('with the grant token a host is taken over by name, and given by hand to anybody', async () => {
  await ask('/v1/grant', claimBy(ours), granting)
  const eve = { controller: 'eve', epoch: 4 }
  expect(await ask('/v1/grant', claimBy(theirs, eve), granting)).toBe('other-controller')
  expect(await ask('/v1/grant', claimBy(theirs, eve, { takeOver: true }), granting)).toBe('ok')
  expect(await ask('/v1/operations', operationBy(ours, newId()))).toBe('other-controller')
  const note = { apiVersion: 1, ...one, key: ours.publicKey }
  expect(await ask('/v1/grant/note', note, granting)).toBe('ok')
  expect(await ask('/v1/operations', operationBy(theirs, newId(), { authority: eve }))).toBe('other-controller')
  expect(await ask('/v1/operations', operationBy(ours, newId()))).toBe('ok')
  expect(said.join('')).toContain('the grant token was shown')
})

test('a cancel counts once, and only for its own operation', async () => {
  await ask('/v1/grant', claimBy(ours), granting)
  const [id, other] = [newId(), newId()]
  const early = cancelBy(ours, id)
  expect(await ask(`/v1/operations/${id}/cancel`, early)).toBe('unknown-operation')
  await ask('/v1/operations', operationBy(ours, id, { operation: mark('long', hours(1)) }))
  await ask('/v1/operations', operationBy(ours, other, { operation: mark('other', hours(1)) }))
  expect(await ask(`/v1/operations/${id}/cancel`, early)).toBe('signature-used')
  expect(await ask(`/v1/operations/${id}/cancel`, cancelBy(theirs, id))).toBe('bad-signature')
  expect(await ask(`/v1/operations/${other}/cancel`, cancelBy(ours, id))).toBe('bad-signature')
  expect(await ask(`/v1/operations/${id}/cancel`, cancelBy(ours, id, earlier(hours(2))))).toBe('signature-time')
  const states = async () =>
    Promise.all([id, other].map(async (each) => (await answerOf(`/v1/operations/${each}`))['state']))
  expect(await states()).toMatchObject([{ state: 'running' }, { state: 'running' }])
  expect(await ask(`/v1/operations/${id}/cancel`, cancelBy(ours, id))).toBe('ok')
  await expect.poll(states).toMatchObject([{ state: 'failed' }, { state: 'running' }])
  await ask(`/v1/operations/${other}/cancel`, cancelBy(ours, other))
})

test('an epoch beyond all reach is not taken', async () => {
  for (const epoch of [1_000_001, Number.MAX_SAFE_INTEGER]) {
    expect(await ask('/v1/grant', claimBy(ours, { controller: 'one', epoch }), granting)).toBe('bad-request')
  }
  expect(PublicKey.safeParse('ed25519:short').success).toBe(false)
})
