import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openPipe } from './pipe-exec.ts'

const env = { PATH: process.env['PATH'] ?? '' }

test('is a conversation: what is written goes in, what it prints comes out', async () => {
  const { stream, ended } = openPipe('cat', [], env)
  stream.end('hello')
  expect(String((await once(stream, 'data'))[0])).toBe('hello')
  expect(await ended).toBe(0)
})

test('ends the program when its stream is given up, so that none is left behind', async () => {
  const { stream, ended } = openPipe('sleep', ['60'], env)
  stream.destroy()
  expect(await ended).toBeNull()
})

test('lets a program that has closed its stdout speak its last words and exit by itself', async () => {
  const pipe = openPipe('sh', ['-c', 'exec >&-; sleep 0.2; echo last words >&2; exit 7'], env)
  pipe.stream.resume()
  expect(await pipe.ended).toBe(7)
  expect(pipe.complaint()).toBe('last words')
})

test('a program that cannot be started is told as its end', async () => {
  const pipe = openPipe('/nowhere/program', [], env)
  expect(await pipe.ended).toBeNull()
  await sleep(1)
  expect(pipe.complaint()).toContain('ENOENT')
})
