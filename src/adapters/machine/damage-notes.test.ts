import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { now } from '../../../test/builders/readings.ts'
import { damageNotes } from './damage-notes.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-damage-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('what is written is read by the next process; names of files are for its own eyes', async () => {
  const memory = { pools: { '7': { files: { '/pe/a': now, 'pe/ds@s:/b\nc': now }, unnamed: null } } }
  const below = join(folder, 'state')
  expect(await damageNotes(below).read()).toBeUndefined()
  await damageNotes(below).write(memory)
  expect(await damageNotes(below).read()).toEqual(memory)
  expect(readdirSync(below)).toEqual(['damage.json'])
  expect(statSync(join(below, 'damage.json')).mode & 0o777).toBe(0o600)
})

test.each(['', '{"pools": 3}', 'no JSON'])('notes of %j are not none: they cannot be read', async (text) => {
  writeFileSync(join(folder, 'damage.json'), text)
  await expect(damageNotes(folder).read()).rejects.toThrow('damage.json cannot be read')
})

test('what is no file cannot be read either', async () => {
  mkdirSync(join(folder, 'damage.json'))
  await expect(damageNotes(folder).read()).rejects.toThrow('EISDIR')
})
