import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { clusterFolderOf } from './cluster-folder.ts'
import { readSettings } from './read-settings.ts'

const recorded = join(import.meta.dirname, '../../test/fixtures/ipfs-cluster-1.1.6/service.json')
const isRoot = process.getuid?.() === 0
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-settings-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const inside = (name: string) => join(folder, name)
const stay = () => undefined

test('prints settings, and none of the secrets beside them', () => {
  copyFileSync(recorded, inside('service.json'))
  const printed = readSettings(folder, stay)
  expect(JSON.parse(printed)).toMatchObject({ trustedPeers: ['*'] })
  expect(printed).not.toMatch(/5ec2e7|pa55word|secret/)
})

test('rights are given up after reading and before anything is understood', () => {
  writeFileSync(inside('service.json'), 'not JSON')
  let gaveUp = false
  expect(() =>
    readSettings(folder, () => {
      gaveUp = true
    }),
  ).toThrow('not understood')
  expect(gaveUp).toBe(true)
  const refused = new Error('rights could not be given up')
  copyFileSync(recorded, inside('service.json'))
  expect(() =>
    readSettings(folder, () => {
      throw refused
    }),
  ).toThrow(refused)
})

test('what is no service.json is refused without a word of it', () => {
  writeFileSync(inside('service.json'), 'root:$y$hash:19000')
  let said = ''
  try {
    readSettings(folder, stay)
  } catch (error) {
    said = `${String(error)} ${String(error instanceof Error ? error.cause : '')}`
  }
  expect(said).toContain('not understood')
  expect(said).not.toMatch(/root:|hash/)
})

test('a link is not followed, and nothing but a file is read', () => {
  symlinkSync(recorded, inside('service.json'))
  expect(() => readSettings(folder, stay)).toThrow('service.json is a link')
  expect(() => readSettings(inside('absent'), stay)).toThrow('cannot be opened (ENOENT)')
  mkdirSync(inside('pipe'))
  mkdirSync(inside('pipe/service.json'))
  expect(() => readSettings(inside('pipe'), stay)).toThrow('is no service.json')
})

test('a link in the place of a folder is not followed either, however far above', () => {
  mkdirSync(inside('secret/cluster'), { recursive: true })
  copyFileSync(recorded, inside('secret/cluster/service.json'))
  symlinkSync('secret', inside('store'))
  mkdirSync(inside('other'))
  symlinkSync('../secret/cluster', inside('other/cluster'))
  for (const linked of ['store/cluster', 'other/cluster']) {
    expect(() => readSettings(inside(linked), stay)).toThrow('is a link, and none is followed')
  }
  // The control: by its own name.
  expect(readSettings(inside('secret/cluster'), stay)).toContain('trustedPeers')
})

test.runIf(isRoot)('the folder comes from an agent.yaml that root alone can write (needs root to make one)', () => {
  const path = inside('agent.yaml')
  writeFileSync(
    path,
    'apiVersion: 1\nhost: n1\nstores: [{ name: hot, tier: hot, cluster: main, clusterFolder: /hot/cluster }, { name: cold, tier: cold, cluster: main }]\n',
  )
  chmodSync(path, 0o640)
  expect(clusterFolderOf(path, 'hot')).toBe('/hot/cluster')
  expect(() => clusterFolderOf(path, 'cold')).toThrow('gives no clusterFolder for a store cold')
  chmodSync(path, 0o660)
  expect(() => clusterFolderOf(path, 'hot')).toThrow('nobody but root may write')
  expect(() => clusterFolderOf(inside('absent'), 'hot')).toThrow('there is no')
})
