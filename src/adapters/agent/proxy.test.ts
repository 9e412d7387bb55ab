import { createServer, request, type Server } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { apiError } from '../../api/agent.ts'
import { createProxy } from './proxy.ts'

const folder = mkdtempSync(join(tmpdir(), 'tiercel-proxy-'))
const servers: { close(): void; closeAllConnections?(): void }[] = []
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections?.()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

async function listen(server: Server | ReturnType<typeof createTcpServer>, name: string): Promise<string> {
  const path = join(folder, name)
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(path, resolve)
  })
  return path
}

/** A proxy to what listens there. */
const proxyTo = (name: string, upstream: string, options: Parameters<typeof createProxy>[2]): Promise<string> =>
  listen(
    createProxy(
      (asked) => request({ ...asked, createConnection: () => connect(upstream) }),
      (error) => Promise.resolve(apiError('failed', error.message)),
      options,
    ),
    name,
  )

/** What is told of a question within half a second: words on the way, and the status of an answer. */
function told(socketPath: string, headers: Record<string, string> = {}): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const seen: number[] = []
    const question = request({ socketPath, path: '/', headers }, (answer) => {
      seen.push(answer.statusCode ?? 0)
      answer.resume()
      answer.once('end', () => resolve(seen))
    })
    question.on('information', ({ statusCode }) => seen.push(statusCode))
    question.on('error', (error) => (seen.includes(-1) ? resolve(seen.slice(0, -1)) : reject(error)))
    setTimeout(() => {
      if (question.destroyed) return
      seen.push(-1)
      question.destroy(new Error('given up'))
    }, 500).unref()
    question.end()
  })
}

/** Knows that the other side is there, from the start. */
const now = (_asked: unknown, tell: () => void) => {
  tell()
  return () => undefined
}

test('an asker is told when the other side has heard the question, though it does not answer', async () => {
  const hangs = await listen(
    createServer(() => undefined),
    'hangs',
  )
  expect(await told(await proxyTo('tells', hangs, { tellWhenThere: true }))).toEqual([102])
})

test('and is told nothing while there is a connection that nobody reads from', async () => {
  const deaf = await listen(
    createTcpServer((connection) => connection.pause()),
    'deaf',
  )
  expect(await told(await proxyTo('waits', deaf, { tellWhenThere: true }))).toEqual([])
  expect(await told(await proxyTo('knows', deaf, { tellWhenThere: true, whenThere: now }))).toEqual([102])
})

test('what is known later is told to whoever still waits, and nobody is told who does not', async () => {
  const deaf = await listen(
    createTcpServer((connection) => connection.pause()),
    'deaf-for-long',
  )
  const waiting = new Set<() => void>()
  const whenThere = (_asked: unknown, tell: () => void) => {
    waiting.add(tell)
    return () => waiting.delete(tell)
  }
  const proxy = await proxyTo('knows-later', deaf, { tellWhenThere: true, whenThere })
  const answer = told(proxy)
  await expect.poll(() => waiting.size).toBe(1)
  for (const tell of waiting) tell()
  expect(await answer).toEqual([102])
  await expect.poll(() => waiting.size).toBe(0)
})

test('without being asked to tell, it does not; an answer comes through either way', async () => {
  const seen: (string | undefined)[] = []
  const answers = await listen(
    createServer(({ headers }, answer) => {
      seen.push(headers.expect)
      answer.end('well')
    }),
    'answers',
  )
  expect(await told(await proxyTo('silent', answers, {}), { expect: '100-continue' })).toEqual([100, 200])
  expect(await told(await proxyTo('speaks', answers, { tellWhenThere: true }))).toEqual([102, 200])
  expect(seen).toEqual([undefined, '100-continue'])
})
