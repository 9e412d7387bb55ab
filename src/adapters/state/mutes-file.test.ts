import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { explain } from '../../domain/errors.ts'
import type { Mute } from '../../domain/health/mute.ts'
import { Instant } from '../../domain/units.ts'
import { mutesFile } from './mutes-file.ts'
import { stateFolder } from './state-folder.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-mutes-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const mute = (reason: string): Omit<Mute, 'id'> => ({
  code: 'SCRUB_OVERDUE',
  subject: 'n1/tank "two"',
  planned: true,
  by: 'ann',
  reason,
  at: Instant.parse(1),
  until: Instant.parse(2),
  covers: [],
})

test('keeps mutes, for the next process too', async () => {
  const added = await mutesFile(join(folder, 'deep/er')).add(mute('a\tb\n“c” \u2028'))
  expect((await mutesFile(join(folder, 'deep/er')).read()).mutes).toEqual([added])
  expect(readdirSync(join(folder, 'deep/er'))).toEqual(['mutes.json'])
})

/** Twelve writers at once, each with its own open file. */
async function crowd(lock?: (name: string, work: () => Promise<unknown>) => Promise<unknown>): Promise<number> {
  const options = lock === undefined ? {} : { lock: lock as never }
  await Promise.all(Array.from({ length: 12 }, async (_, index) => mutesFile(folder, options).add(mute(`${index}`))))
  return new Set((await mutesFile(folder).read()).mutes.map(({ id }) => id)).size
}

test('of many writers at once none is lost', async () => {
  expect(await crowd()).toBe(12)
})

test('without the lock they would be (the control)', async () => {
  expect(await crowd(async (_, work) => work())).toBeLessThan(12)
})

test('a file that is not right is refused with its place, and left as it is', async () => {
  const path = join(folder, 'mutes.json')
  for (const [text, told] of [
    ['{ "apiVersion": 1, "next": 1,\n  "mutes": [], "ended": [', 'mutes.json:2:'],
    ['{ "apiVersion": 1, "next": 1,\n  "mutes": 5, "ended": [] }', 'mutes.json:2:12: mutes'],
    ['{ "apiVersion": 2, "next": 1, "mutes": [], "ended": [] }', 'apiVersion'],
    ['{ "apiVersion": 1, "next": 1, "mutes": [], "ended": [], "more": 1 }', 'more'],
    ['', 'mutes.json'],
  ] as const) {
    writeFileSync(path, text)
    expect(await mutesFile(folder).read().then(String, explain)).toContain(told)
    expect(await mutesFile(folder).add(mute('x')).then(String, explain)).toContain(told)
    expect(readFileSync(path, 'utf8')).toBe(text)
  }
  expect(readdirSync(folder)).toEqual(['mutes.json'])
})

test('a change that changes nothing writes nothing', async () => {
  const mutes = mutesFile(folder)
  await mutes.record([{ kind: 'ended', id: 'm9', because: 'time', at: Instant.parse(1) }])
  expect(readdirSync(folder)).toEqual([])
})

test('each fleet file has its own folder, where the environment says', () => {
  const one = join(folder, 'a/tiercel.yaml')
  const two = join(folder, 'b/tiercel.yaml')
  for (const file of [one, two]) {
    mkdirSync(join(file, '..'))
    writeFileSync(file, '')
  }
  const env = { TIERCEL_STATE: '/state' }
  expect(stateFolder(one, env)).toMatch(/^\/state\/tiercel-[0-9a-f]{12}$/)
  expect(stateFolder(one, env)).not.toBe(stateFolder(two, env))
  expect(stateFolder(undefined, { XDG_STATE_HOME: '/xdg' })).toBe('/xdg/tiercel/this-machine')
  expect(stateFolder(undefined, { XDG_STATE_HOME: 'relative', HOME: '/h' })).toMatch(/\.local\/state\/tiercel/)
})
