import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSocketServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Fleet } from '../../domain/fleet.ts'
import { judge } from '../../domain/health/judge.ts'
import { apiVersion } from '../../domain/observation.ts'
import { Instant, seconds } from '../../domain/units.ts'
import { machineObservation } from '../../../test/builders/machine.ts'
import { systemClock } from '../system/clock.ts'
import { openFleet } from './contact.ts'

let folder: string
const servers: Server[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-contact-'))
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
  rmSync(folder, { recursive: true })
})

async function listen(name: string, server: Server): Promise<void> {
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(join(folder, name), resolve)
  })
}

const observation = (over: Record<string, unknown> = {}): string =>
  JSON.stringify({
    apiVersion,
    host: 'good',
    tiercelVersion: '0',
    startedAt: 1,
    answeredAt: Date.now(),
    stores: [],
    machine: machineObservation(Instant.parse(Date.now())),
    zfs: null,
    storeObservations: [],
    ...over,
  })

/** An HTTP server for what is HTTP, and a socket for what is not. */
const http = (listener: RequestListener): Server => createServer(listener)
const says = (body: string): Server => http((_request, response) => response.end(body))
const raw = (speak: (socket: Socket) => void): Server =>
  createSocketServer((socket) => {
    socket.on('error', () => undefined)
    speak(socket)
  })

const endless = http((_request, response) => {
  const block = Buffer.alloc(1024 * 1024, 'x')
  const pour = () => {
    while (!response.destroyed && response.write(block));
  }
  response.on('drain', pour)
  pour()
})

test.each<[string, Server, string]>([
  ['HTML', says('<html>moved</html>'), 'is not JSON'],
  ['an older apiVersion', says(observation({ apiVersion: 0 })), 'speaks apiVersion 0 and this Tiercel speaks 1'],
  ['a newer apiVersion', says(observation({ apiVersion: 2 })), 'bring both to one release'],
  ['another shape', says(observation({ stores: [{}], host: 7 })), 'not of our contract (host: '],
  ['a list without end', says(`{"apiVersion":1,"stores":[${'{},'.repeat(1_000_000)}{}]}`), 'more than 250000 values'],
  ['an answer without end', endless, 'longer than 67108864 bytes'],
  ['a clock beyond all dates', says(observation({ answeredAt: Number.MAX_SAFE_INTEGER })), 'a time that is no date'],
  ['never', raw(() => undefined), 'nothing came within 3'],
  ['half', raw((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{')), 'no answer'],
  ['no HTTP', raw((socket) => socket.end('220 mail.example ESMTP\r\n')), 'no answer'],
  [
    'another protocol',
    raw((socket) => socket.write('HTTP/1.1 101 OK\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n')),
    'closed without an answer',
  ],
  ['a refusal of 20 MB', refusal('x'.repeat(20_000_000)), 'xxx'],
])('a host that answers with %s is unknown, and the others are seen', async (_what, server, told) => {
  await listen('bad.sock', server)
  await listen('good.sock', says(observation()))
  const reader = openFleet(
    Fleet.parse({
      apiVersion: 1,
      hosts: ['bad', 'good'].map((name) => ({ name, address: `unix:${join(folder, name)}.sock` })),
    }),
    {
      clock: systemClock,
      exec: () => Promise.reject(new Error('nothing is run')),
      tiercelVersion: '0',
      command: ['false'],
      deadline: seconds(3),
    },
  )
  const view = await reader.look()
  await reader.close()
  const [bad, good] = view.hosts
  expect(good?.contact.state).toBe('answered')
  expect(bad?.contact).toMatchObject({ state: 'unreachable', error: expect.stringContaining(told) })
  expect(JSON.stringify(bad?.contact).length).toBeLessThan(3000)
  const { status, findings } = judge(view)
  expect(status).toBe('unknown')
  expect(findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['AGENT_UNREACHABLE bad'])
})

function refusal(message: string): Server {
  return http((_request, response) => {
    response.writeHead(403)
    response.end(JSON.stringify({ error: { code: 'failed', message } }))
  })
}

test.each([true, false])('a look says how the pins stand where that is wanted: %s', async (withPlacements) => {
  await listen('good.sock', says(observation()))
  const hosts = [{ name: 'good', address: `unix:${join(folder, 'good')}.sock` }]
  const reader = openFleet(Fleet.parse({ apiVersion: 1, hosts }), {
    clock: systemClock,
    exec: () => Promise.reject(new Error('nothing is run')),
    tiercelVersion: '0',
    command: [process.execPath],
    withPlacements,
  })
  const { placements } = await reader.look()
  await reader.close()
  expect(placements).toEqual(withPlacements ? [] : undefined)
})
