import { createServer } from 'node:http'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { type Knock, lookAtExposure, portOf, portOfUrl } from './exposure.ts'
import type { Listener } from './listeners.ts'

const any = (port: number): Listener => ({ address: '0.0.0.0', port, isLoopback: false, isAny: true })
const loopback = (port: number): Listener => ({ address: '127.0.0.1', port, isLoopback: true, isAny: false })
const answering =
  (answers: Record<string, { status: number; text: string }>, asked: unknown[] = []): Knock =>
  async ({ tls, address, port, method, path }) => {
    asked.push({ address, port, method, path, tls })
    return answers[`${tls ? 'https' : 'http'} ${port}`]
  }

test('an address of one link has its zone in front', () => {
  expect(portOf('/ip6zone/eth0/ip6/fe80::1/tcp/5001')).toBe(5001)
})

test('only what listens beyond loopback is asked, at an address of this host, without changing anything', async () => {
  const asked: unknown[] = []
  const found = await lookAtExposure(
    [
      { service: 'cluster-api', port: 9094 },
      { service: 'kubo-rpc', port: 5001 },
      { service: 'ipfs-proxy', port: 9095 },
    ],
    {
      listeners: [any(9094), loopback(5001), any(22)],
      ownAddress: '192.0.2.7',
      knock: answering({ 'http 9094': { status: 200, text: '{"version":"1.1.6"}' } }, asked),
    },
  )
  expect(found).toEqual([{ service: 'cluster-api', address: '0.0.0.0', port: 9094, tls: false, answer: 'open' }])
  expect(asked).toEqual([{ address: '192.0.2.7', port: 9094, method: 'GET', path: '/version', tls: false }])
})

test.each([
  [{ 'http 9094': { status: 401, text: '' } }, { tls: false, answer: 'refused' }],
  [{ 'http 9094': { status: 404, text: '404 page not found' } }, { tls: false, answer: 'open' }],
  [{}, { tls: false, answer: 'silent' }],
  [
    {
      'http 9094': { status: 400, text: 'Client sent an HTTP request to an HTTPS server.\n' },
      'https 9094': { status: 401, text: '' },
    },
    { tls: true, answer: 'refused' },
  ],
])('an answer is told by its status: %j', async (answers, expected) => {
  const options = { listeners: [any(9094)], ownAddress: '192.0.2.7', knock: answering(answers) }
  expect(await lookAtExposure([{ service: 'cluster-api', port: 9094 }], options)).toMatchObject([expected])
})

test('a gateway is not asked', async () => {
  const asked: unknown[] = []
  const options = { listeners: [any(8080)], ownAddress: '192.0.2.7', knock: answering({}, asked) }
  expect(await lookAtExposure([{ service: 'kubo-gateway', port: 8080 }], options)).toMatchObject([
    { answer: 'not-asked' },
  ])
  expect(asked).toEqual([])
})

test('a real server is asked over HTTP', async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.headers.authorization === undefined ? 401 : 200
    response.end(`${request.method} ${request.url}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    const options = { listeners: [any(port)], ownAddress: '127.0.0.1' }
    expect(await lookAtExposure([{ service: 'kubo-rpc', port }], options)).toMatchObject([{ answer: 'refused' }])
  } finally {
    server.close()
  }
  const gone = { listeners: [any(port)], ownAddress: '127.0.0.1' }
  expect(await lookAtExposure([{ service: 'kubo-rpc', port }], gone)).toMatchObject([{ answer: 'silent' }])
})

test('ports are read out of multiaddresses and addresses of this host', () => {
  expect(
    ['/ip4/0.0.0.0/tcp/5001', '/ip6/::/tcp/5001', '/dns4/localhost/tcp/80/http', '/unix/run/x.sock', 'x'].map(portOf),
  ).toEqual([5001, 5001, 80, undefined, undefined])
  expect(
    ['http://127.0.0.1:9094', 'https://localhost', 'http://[::1]:5001/', 'http://other:9094', 'unix:/run/x'].map(
      portOfUrl,
    ),
  ).toEqual([9094, 443, 5001, undefined, undefined])
})
