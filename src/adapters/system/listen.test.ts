import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answers, listenOn, SocketInUse } from './listen.ts'

let folder: string
let path: string
const servers: Server[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-listen-'))
  path = join(folder, 'sock')
})
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
  rmSync(folder, { recursive: true })
})

async function serve(at = path): Promise<void> {
  const server = createServer()
  servers.push(server)
  await listenOn(server, at, 0o660)
}

test('serves with the mode that is asked for', async () => {
  await serve()
  expect(statSync(path).mode & 0o777).toBe(0o660)
  expect(await answers(path)).toBe(true)
})

test('takes the place of a socket that a dead process left', async () => {
  const dead = createSocketServer()
  await new Promise<void>((resolve) => {
    dead.listen(`${path}.dead`, resolve)
  })
  // Node removes a socket when it closes it; one that a killed process left has lost its listener only.
  renameSync(`${path}.dead`, path)
  await new Promise<void>((resolve) => {
    dead.close(() => resolve())
  })
  expect(existsSync(path)).toBe(true)
  await serve()
  expect(await answers(path)).toBe(true)
})

test('of several that start at once, one serves and the others are told', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => serve()))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  expect(refusals.filter((reason) => !(reason instanceof SocketInUse))).toEqual([])
  expect(await answers(path)).toBe(true)
})

test('leaves a file that is no socket alone', async () => {
  writeFileSync(path, 'precious')
  await expect(serve()).rejects.toThrow('is not a socket')
  expect(existsSync(path)).toBe(true)
})

test('refuses a path that the system would cut off', async () => {
  await expect(serve(join(folder, 'x'.repeat(108)))).rejects.toThrow('too long for a socket')
})
