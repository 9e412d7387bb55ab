import { createServer } from 'node:http'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../test/builders/temporary-folder.ts'
import { listenOn } from '../adapters/system/listen.ts'
import { serveStdio } from './stdio.ts'
import { pino } from 'pino'
import { systemClock } from '../adapters/system/clock.ts'
import { AgentConfig } from '../domain/agent-config.ts'
import { createActing } from './acting.ts'
import { agentApp } from './http.ts'

/** What comes through to an agent, and with which tokens. */
async function through(requests: readonly string[], options: { grantToken?: string; lookOnly?: boolean }) {
  const socket = join(temporaryFolder(), 'agent.sock')
  const heard: string[] = []
  const agent = createServer((incoming, outgoing) => {
    const { authorization, 'tiercel-grant': grant = 'none' } = incoming.headers
    heard.push(`${incoming.method} ${incoming.url} ${authorization} ${String(grant)}`)
    outgoing.end('{}')
  })
  await listenOn(agent, socket, 0o600)
  onTestFinished(() => void agent.close())
  const [input, output] = [new PassThrough(), new PassThrough()]
  const served = serveStdio({ socket, token: 'look', ...options }, { input, output })
  let answered = ''
  output.setEncoding('utf8').on('data', (chunk: string) => {
    answered += chunk
  })
  const statuses = () => [...answered.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  for (const request of requests) input.write(`${request} HTTP/1.1\r\nHost: agent\r\nContent-Length: 0\r\n\r\n`)
  await expect.poll(statuses).toHaveLength(requests.length)
  input.end()
  await served
  return { heard, statuses: statuses(), answered }
}

const looks = [
  'GET /v1/observation',
  'GET /v1/operations/x',
  'POST /v1/look',
  'POST /v1/stores/hot/placement',
  'POST /v1/pins/hot/refresh',
  'GET /v1/grant',
]
const changes = [
  'POST /v1/operations',
  'POST /v1/operations/x/cancel',
  'POST /v1/grant',
  'POST /v1/grant/note',
  'POST /v1//operations',
  'POST /v1/look/../operations',
  'POST /v1/pins/x/refresh/../../../operations',
  'POST /v1/stores/x/placement/../../../operations',
  'POST /v1/stores/x%2f../placement?x',
  'PUT /v1/look',
  'DELETE /v1/operations/x',
]

test('with --look-only nothing but looks goes through, and no grant token', async () => {
  const { heard, statuses, answered } = await through([...looks, ...changes], { grantToken: 'give', lookOnly: true })
  expect(heard).toEqual(looks.map((line) => `${line} Bearer look none`))
  expect(statuses).toEqual([...looks.map(() => '200'), ...changes.map(() => '502')])
  expect(answered.match(/"code":"look-only"/g)).toHaveLength(changes.length)
})

test('without it all goes through, with the grant token where this account may read it', async () => {
  const all = [...looks, ...changes.slice(0, 4)]
  expect((await through(all, { grantToken: 'give' })).heard).toEqual(all.map((line) => `${line} Bearer look give`))
  expect((await through(all, {})).heard).toEqual(all.map((line) => `${line} Bearer look none`))
})

const observation = (): never => {
  throw new Error('nobody asks for it')
}

test('whatever an agent takes by POST is a look that is let through, or changes something', () => {
  const config = AgentConfig.parse({ apiVersion: 1, host: 'n1', operations: { folder: join(temporaryFolder(), 'o') } })
  const ports = { host: { name: 'n1', storage: undefined }, observer: { zfs: undefined } }
  const acting = createActing(config, { clock: systemClock, log: pino({ level: 'silent' }), ...ports })
  const app = agentApp({
    host: 'n1',
    tiercelVersion: '0',
    token: 'look',
    observation,
    acting: (routes) => acting.addRoutes(routes),
  })
  const taken = app.routes
    .filter(({ method }) => method !== 'GET' && method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replace(':store', 'hot').replace(':id', 'x')}`)
  expect(new Set(taken)).toEqual(new Set([...looks, ...changes.slice(0, 4)].filter((line) => !line.startsWith('GET'))))
})
