import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fakeController, type FakeController } from '../../test/builders/fake-controller.ts'
import { plannedPractice, runRecord } from '../../test/builders/practice-run.ts'
import { type ControllerClient, controllerClient, ControllerRefused } from '../adapters/controller/client.ts'
import { PeerUnreachable } from '../adapters/http/errors.ts'
import { ControllerConfig } from '../domain/controller-config.ts'
import { Share } from '../domain/units.ts'
import { eventStream } from './events.ts'
import type { Served } from './serve.ts'
import { mostConnections, serve } from './serve.ts'

/** A busy machine is slow; otherwise it comes at once. */
const patience = { timeout: 20_000 }
let folder: string
let bench: FakeController
let served: Served
let client: ControllerClient

const tokenFile = () => join(folder, 'token')
const socket = () => join(folder, 'controller.sock')

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-test-'))
  bench = fakeController()
  writeFileSync(tokenFile(), `${await bench.token('operator')}\n`, { mode: 0o600 })
  served = await serve(bench.app, { socket: socket(), tcp: { host: '127.0.0.1', port: 0 } })
  client = controllerClient({ url: `unix:${socket()}`, token: { file: tokenFile() } })
})

afterEach(async () => {
  await client.close()
  served.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a TLS file that is no PEM and a folder that is not there are told with what to do', async () => {
  const garbage = join(folder, 'garbage.pem')
  writeFileSync(garbage, 'no certificate')
  const tcp = { host: '127.0.0.1', port: 0, tls: { cert: garbage, key: garbage } }
  const told = { name: 'NotPermitted', hint: expect.stringMatching(/PEM/) as unknown } // "as": expect gives any
  await expect(serve(bench.app, { socket: join(folder, 'other.sock'), tcp })).rejects.toMatchObject(told)
  const missing = join(folder, 'missing/controller.sock')
  const refused = { name: 'NotPermitted', message: `cannot listen at ${missing}` }
  await expect(serve(bench.app, { socket: missing })).rejects.toMatchObject(refused)
})

test('the client speaks to the server over the socket and over TCP', async () => {
  const overTcp = controllerClient({ url: served.urls[1] ?? '', token: { file: tokenFile() } })
  for (const each of [client, overTcp]) {
    expect(await each.ask('whoami')).toMatchObject({ name: 'operator0', role: 'operator', controller: 'c1' })
    expect(await each.ask('plan', { body: { procedure: 'practice', input: { host: 'n1' } } })).toEqual(
      plannedPractice(),
    )
    expect((await each.ask('health')).hosts).toContain('n1')
  }
  await overTcp.close()
})

test('the socket is for its group alone', () => {
  expect(statSync(socket()).mode & 0o777).toBe(0o660)
})

test('what the controller will not, comes with its hint, its lines and its remedy', async () => {
  const refused = await client.ask('run', { params: { run: 'nope' } }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ControllerRefused)
  expect(refused).toMatchObject({ status: 404, remedy: 'stop', hint: expect.stringContaining('runs list') })
})

test('a controller that is not there is told as such', async () => {
  served.close()
  await expect(client.ask('whoami')).rejects.toBeInstanceOf(PeerUnreachable)
})

test('connections are bounded, and those of the network leave the socket free', async () => {
  const url = new URL(served.urls[1] ?? '')
  const open = new Set<Socket>()
  let closed = 0
  for (let each = 0; each < mostConnections + 50; each += 1) {
    const socketOf = connect(Number(url.port), url.hostname)
    socketOf
      .on('error', () => undefined)
      .on('close', () => (closed += 1))
      .resume()
    open.add(socketOf)
  }
  await expect.poll(() => closed, patience).toBe(50)
  expect(await client.ask('whoami')).toMatchObject({ name: 'operator0' })
  for (const each of open) each.destroy()
})

test('pages of runs follow each other', async () => {
  for (let each = 1; each <= 5; each += 1) {
    const id = `01920000-0000-7000-8000-00000000000${each}`
    bench.runs.set(id, runRecord({ id }))
  }
  const first = await client.ask('runs', { query: { limit: 3 } })
  const second = await client.ask('runs', { query: { limit: 3, before: first.next ?? '' } })
  expect([...first.runs, ...second.runs].map(({ id }) => id.at(-1))).toEqual(['5', '4', '3', '2', '1'])
  expect(second.next).toBeNull()
})

const take = async (count: number, lastId?: string) => {
  const stop = new AbortController()
  const got = []
  const stream = client.events(lastId, stop.signal)
  for await (const event of stream) {
    got.push(event)
    if (got.length === count) break
  }
  stop.abort()
  return got
}
const change = (version: number) => bench.notify({ kind: 'run', run: runRecord({ version }) })

describe('events', () => {
  test('come as they happen, runs with an id and progress without', async () => {
    const coming = take(2)
    await expect.poll(() => bench.subscribers(), patience).toBe(1)
    change(1)
    bench.notify({ kind: 'progress', run: 'r', progress: { step: 'mark', share: Share.parse(0.5) } })
    expect(await coming).toMatchObject([
      { id: '1', message: { kind: 'run', version: 1 } },
      { id: undefined, message: { kind: 'progress', step: 'mark', share: 0.5 } },
    ])
  })

  test('after a break, go on behind the last id: none is missing, none comes twice', async () => {
    for (let version = 1; version <= 600; version += 1) change(version)
    const first = await take(250, '0')
    const rest = await take(350, first.at(-1)?.id)
    const ids = [...first, ...rest].map(({ id }) => Number(id))
    expect(ids).toEqual(Array.from({ length: 600 }, (_, index) => index + 1))
  })

  test('that are not kept any more are told as lost', async () => {
    for (let version = 1; version <= 10; version += 1) change(version)
    bench.feed.entries.splice(0, 6)
    bench.feed.oldest = 7
    const got = await take(2, '3')
    expect(got).toMatchObject([{ message: { kind: 'lost' } }, { id: '7' }])
    expect(await take(1, '6')).toMatchObject([{ id: '7' }])
  })

  test('of another store are told as lost', async () => {
    expect(await take(1, '99')).toMatchObject([{ message: { kind: 'lost' } }])
  })

  test('a reader who does not read costs little: of progress the newest waits, and what is lost is told', async () => {
    const stop = new AbortController()
    const stream = await eventStream(
      { feed: bench.feed, engine: bench.parts.engine },
      { lastId: '0', isStillAllowed: async () => true, signal: stop.signal },
    )
    const reader = stream.getReader()
    await reader.read()
    for (let share = 0; share < 10; share += 1) {
      for (let run = 0; run < 700; run += 1)
        bench.notify({ kind: 'progress', run: `r${run}`, progress: { step: 's', share: Share.parse(share / 10) } })
    }
    change(1)
    const told: string[] = []
    while (!told.some((text) => text.includes('"version":1')) || told.length < 300) {
      const { value } = await reader.read()
      told.push(Buffer.from(value ?? []).toString('utf8'))
    }
    expect(told.length).toBeLessThan(520)
    expect(told.join('')).toContain('this reader is too slow')
    expect(told.filter((text) => text.includes('"share":0.9')).length).toBeGreaterThan(200)
    expect(told.filter((text) => text.includes('"share":0.1'))).toEqual([])
    stop.abort()
    await reader.cancel()
  })

  test('a reader who goes away leaves no listener', async () => {
    const coming = take(1)
    await expect.poll(() => bench.subscribers(), patience).toBe(1)
    change(1)
    await coming
    await expect.poll(() => bench.subscribers(), patience).toBe(0)
  })
})

describe('the file of the controller', () => {
  test.each(['0.0.0.0', '192.0.2.1', '::', 'controller.example'])('does not listen at %s without TLS', (host) => {
    const config = { apiVersion: 1, listen: { tcp: { host, port: 7070 } } }
    expect(ControllerConfig.safeParse(config).error?.message).toContain('without tls')
    const tls = { cert: '/c.pem', key: '/k.pem' }
    expect(ControllerConfig.safeParse({ ...config, listen: { tcp: { host, port: 7070, tls } } }).success).toBe(true)
  })

  test.each(['127.0.0.1', '::1', 'localhost'])('listens at %s', (host) => {
    expect(ControllerConfig.safeParse({ apiVersion: 1, listen: { tcp: { host, port: 7070 } } }).success).toBe(true)
  })
})
