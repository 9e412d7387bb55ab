import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Api } from '../../domain/fleet.ts'
import { explain, UnexpectedOutput } from '../../domain/errors.ts'
import { seconds } from '../../domain/units.ts'
import { SecretUnreadable } from '../system/secrets.ts'
import { PeerNotTrusted, PeerRefused, PeerUnreachable } from './errors.ts'
import { openHttpApi } from './http-api.ts'
import { serveOnLoopback } from './loopback-server.ts'

const fixtures = join(import.meta.dirname, '../../../test/fixtures/tls')
const tls = {
  key: readFileSync(join(fixtures, 'server.key'), 'utf8'),
  cert: readFileSync(join(fixtures, 'server.pem'), 'utf8'),
}

const answerYes: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('"yes"')
}

const encode = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

async function ask(api: Api): Promise<string | undefined> {
  const http = openHttpApi(api, { endTrailer: 'always', says: () => undefined }, { valueWithin: seconds(3) })
  try {
    return await http.value({ method: 'GET', path: '/id' }, (text) => text)
  } finally {
    await http.close()
  }
}

async function failure(api: Api): Promise<Error> {
  const error: unknown = await ask(api).catch((reason: unknown) => reason)
  if (error instanceof Error) return error
  throw new Error(`expected an error, got ${String(error)}`)
}

describe('reaching a peer', () => {
  test('works over TCP and over a unix socket', async () => {
    await using tcp = await serveOnLoopback(answerYes)
    await using unix = await serveOnLoopback(answerYes, { unix: true })
    expect(await ask({ url: tcp.url })).toBe('"yes"')
    expect(await ask({ url: unix.url })).toBe('"yes"')
    expect(unix.requests).toEqual(['GET /id'])
  })

  test('works over TLS when the certificate is of the authority declared, and only then', async () => {
    await using server = await serveOnLoopback(answerYes, { tls })
    expect(await ask({ url: server.url, ca: join(fixtures, 'ca.pem') })).toBe('"yes"')
    const withoutCa = await failure({ url: server.url })
    expect(withoutCa).toBeInstanceOf(PeerNotTrusted)
    expect(withoutCa).toMatchObject({ hint: expect.stringContaining('under ca') })
    const other = await failure({ url: server.url, ca: join(fixtures, 'another-ca.pem') })
    expect(other).toBeInstanceOf(PeerNotTrusted)
    expect(server.requests).toEqual(['GET /id'])
  })

  test('refuses a certificate for another name', async () => {
    await using server = await serveOnLoopback(answerYes, { tls })
    const url = server.url.replace('127.0.0.1', 'localhost')
    expect(await failure({ url, ca: join(fixtures, 'ca.pem') })).toBeInstanceOf(PeerNotTrusted)
  })

  test('names the file of an authority that cannot be read, and reads it anew the next time', async () => {
    const ca = join(tmpdir(), `tiercel-ca-${process.pid}.pem`)
    onTestFinished(async () => rm(ca, { force: true }))
    await using server = await serveOnLoopback(answerYes, { tls })
    const http = openHttpApi({ url: server.url, ca }, { endTrailer: 'always', says: () => undefined })
    const id = async () => http.value({ method: 'GET', path: '/id' }, (text) => text)
    await expect(id()).rejects.toMatchObject({ hint: expect.stringContaining(ca) })
    await writeFile(ca, readFileSync(join(fixtures, 'ca.pem')))
    expect(await id()).toBe('"yes"')
    await http.close()
  })

  test('says that nobody answers, or that there is no socket', async () => {
    const server = await serveOnLoopback(answerYes)
    await server[Symbol.asyncDispose]()
    const refused = await failure({ url: server.url })
    expect(refused).toBeInstanceOf(PeerUnreachable)
    expect(explain(refused)).toMatch(/^nobody answers at http:\/\/127.0.0.1:\d+: connect ECONNREFUSED/)
    const named = await failure({ url: server.url.replace('127.0.0.1', 'localhost') })
    expect(explain(named)).toMatch(/^nobody answers at http:\/\/localhost:\d+: connect ECONNREFUSED/)
    const absent = await failure({ url: 'unix:/nowhere/api.sock' })
    expect(absent).toBeInstanceOf(PeerUnreachable)
    expect(absent.message).toBe('there is no socket at unix:/nowhere/api.sock')
  })

  test('refuses what is not HTTP, and TLS where there is none', async () => {
    const ssh = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'))
    await new Promise<void>((resolve) => {
      ssh.listen(0, '127.0.0.1', resolve)
    })
    onTestFinished(() => void ssh.close())
    const address = ssh.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect(await failure({ url: `http://127.0.0.1:${port}` })).toBeInstanceOf(UnexpectedOutput)
    await using plain = await serveOnLoopback(answerYes)
    expect(await failure({ url: plain.url.replace('http', 'https') })).toBeInstanceOf(UnexpectedOutput)
  })

  test('is given up in time by the signal of whoever asks, also while a connection is only being made', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const http = openHttpApi(
      { url: `https://127.0.0.1:${port}` },
      { endTrailer: 'always', says: () => undefined },
      { valueWithin: seconds(30) },
    )
    const began = performance.now()
    const given = http.value({ method: 'GET', path: '/id' }, (text) => text, AbortSignal.timeout(300))
    await expect(given).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(performance.now() - began).toBeLessThan(3000)
    void http.close()
  })

  test('uses no proxy of the environment', async () => {
    await using proxy = await serveOnLoopback(answerYes)
    await using server = await serveOnLoopback(answerYes)
    onTestFinished(() => void vi.unstubAllEnvs())
    for (const name of ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']) vi.stubEnv(name, proxy.url)
    vi.stubEnv('NODE_USE_ENV_PROXY', '1')
    expect(await ask({ url: server.url })).toBe('"yes"')
    expect(proxy.requests).toEqual([])
    expect(server.requests).toEqual(['GET /id'])
  })
})

describe('credentials', () => {
  test('are read at each request, and sent as basic or bearer', async () => {
    const seen: unknown[] = []
    await using server = await serveOnLoopback((request, response) => {
      seen.push(request.headers.authorization)
      answerYes(request, response)
    })
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('TIERCEL_TEST_PASSWORD', 'pässword')
    const basic = { url: server.url, auth: { basic: { user: 'ops', password: { env: 'TIERCEL_TEST_PASSWORD' } } } }
    await ask(basic)
    vi.stubEnv('TIERCEL_TEST_PASSWORD', 'changed')
    await ask(basic)
    await ask({ url: server.url, auth: { bearer: { token: { env: 'TIERCEL_TEST_PASSWORD' } } } })
    expect(seen).toEqual([encode('ops:pässword'), encode('ops:changed'), 'Bearer changed'])
  })

  test('that are refused are named by their place; the secret is nowhere in the error', async () => {
    await using server = await serveOnLoopback((_request, response) => {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"code":401,"message":"Unauthorized"}')
    })
    onTestFinished(() => void vi.unstubAllEnvs())
    vi.stubEnv('TIERCEL_TEST_PASSWORD', 'hunter2')
    const auth = { basic: { user: 'ops', password: { env: 'TIERCEL_TEST_PASSWORD' } } }
    const refused = await failure({ url: server.url, auth })
    expect(refused).toBeInstanceOf(PeerRefused)
    expect(refused).toMatchObject({
      hint: expect.stringContaining('user ops, password from the environment variable TIERCEL_TEST_PASSWORD'),
    })
    expect(`${explain(refused)} ${JSON.stringify(refused)}`).not.toContain('hunter2')
    const none = await failure({ url: server.url })
    expect(none).toMatchObject({ hint: expect.stringContaining('none are declared') })
  })

  test('that cannot be read keep the request from being made', async () => {
    await using server = await serveOnLoopback(answerYes)
    const auth = { bearer: { token: { file: '/nowhere/token' } } }
    expect(await failure({ url: server.url, auth })).toBeInstanceOf(SecretUnreadable)
    expect(server.requests).toEqual([])
  })
})
