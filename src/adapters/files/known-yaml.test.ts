import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../../test/builders/temporary-folder.ts'
import { readFleet } from './fleet-file.ts'
import { knownYaml } from './known-yaml.ts'
import { parseYamlText } from './yaml-text.ts'

const host = (name: string): string => `  - name: ${name}\n    address: ssh://${name}\n`
const fleetText = (first = 'n1'): string =>
  `apiVersion: 1\nhosts:\n${[first, ...Array.from({ length: 500 }, (_, index) => `m${index}`)].map(host).join('')}`

/** What a command does with a text: believes what is known, else parses and remembers. */
function read(text: string, env: NodeJS.ProcessEnv): { data: unknown; wasKnown: boolean } {
  const known = knownYaml(text, env)
  const recalled = known?.recall()
  if (recalled !== undefined) return { data: recalled, wasKnown: true }
  const parsed = parseYamlText(text)
  const data = 'data' in parsed ? parsed.data : undefined
  known?.remember(data)
  return { data, wasKnown: false }
}

let env: NodeJS.ProcessEnv
let home: string

beforeEach(() => {
  home = temporaryFolder()
  env = { HOME: home }
})

const folder = (): string => join(home, '.cache/tiercel/yaml')
const kept = (): string[] => readdirSync(folder()).map((name) => join(folder(), name))
const onlyOne = (): string => kept()[0] ?? ''

describe('a large YAML file that was read before', () => {
  it('is the same without being parsed again', () => {
    const first = read(fleetText(), env)
    const again = read(fleetText(), env)
    expect([first.wasKnown, again.wasKnown]).toEqual([false, true])
    expect(again.data).toEqual(first.data)
  })

  it('is parsed again when a single character differs', () => {
    read(fleetText('n1'), env)
    const changed = read(fleetText('n2'), env)
    expect(changed.wasKnown).toBe(false)
    expect(changed.data).toMatchObject({ hosts: expect.arrayContaining([{ name: 'n2', address: 'ssh://n2' }]) })
  })

  it('is kept for nobody else', () => {
    read(fleetText(), env)
    expect(kept()).toHaveLength(1)
    expect(chmodOf(onlyOne())).toBe('600')
    expect(chmodOf(folder())).toBe('700')
  })

  it('is not known where it is short, or where YAML says more than JSON can', () => {
    expect(knownYaml('apiVersion: 1\n', env)).toBeUndefined()
    const withNan = `${fleetText()}odd: .nan\n`
    read(withNan, env)
    expect(read(withNan, env).wasKnown).toBe(false)
  })

  it.each([
    ['cut off', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 100))],
    ['no JSON', (path: string) => writeFileSync(path, 'apiVersion: 1')],
    ['writable by others', (path: string) => chmodSync(path, 0o666)],
  ])('is parsed again when what was kept is %s', (_what, spoil) => {
    read(fleetText(), env)
    spoil(onlyOne())
    expect(read(fleetText(), env).wasKnown).toBe(false)
  })

  it('does not follow a link to what somebody else kept', () => {
    read(fleetText(), env)
    const other = { HOME: temporaryFolder() }
    const path = onlyOne()
    mkdirSync(join(other.HOME, '.cache/tiercel/yaml'), { recursive: true })
    symlinkSync(path, join(other.HOME, '.cache/tiercel/yaml', path.slice(folder().length + 1)))
    expect(knownYaml(fleetText(), other)?.recall()).toBeUndefined()
  })

  it('is not looked for under a home or a cache that is not ours alone', () => {
    chmodSync(home, 0o777)
    expect(knownYaml(fleetText(), env)).toBeUndefined()
    chmodSync(home, 0o770)
    expect(knownYaml(fleetText(), env)).toBeUndefined()
    chmodSync(home, 0o700)
    expect(knownYaml(fleetText(), { HOME: somebodyElses() })).toBeUndefined()
    const named = { HOME: home, XDG_CACHE_HOME: join(home, 'cache') }
    expect(knownYaml(fleetText(), named)).toBeDefined()
    for (const part of ['cache', 'cache/tiercel', 'cache/tiercel/yaml']) {
      for (const mode of [0o777, 0o770]) {
        chmodSync(join(home, part), mode)
        expect(knownYaml(fleetText(), named)).toBeUndefined()
      }
      chmodSync(join(home, part), 0o700)
    }
    expect(knownYaml(fleetText(), named)).toBeDefined()
  })

  it.runIf(process.getuid?.() === 0)('follows no link that another user made (needs root to be another)', () => {
    const victim = join(home, 'victim')
    mkdirSync(victim, { mode: 0o700 })
    mkdirSync(join(home, '.cache/tiercel'), { recursive: true, mode: 0o700 })
    symlinkSync(victim, folder())
    expect(knownYaml(fleetText(), env)).toBeDefined()
    lchownSync(folder(), 1, 1)
    expect(knownYaml(fleetText(), env)).toBeUndefined()
    const theirs = somebodyElses()
    expect(knownYaml(fleetText(), { HOME: home, XDG_CACHE_HOME: join(theirs, 'cache') })).toBeUndefined()
  })

  it('goes through the schema like the file itself', async () => {
    const file = join(home, 'tiercel.yaml')
    writeFileSync(file, fleetText())
    vi.stubEnv('HOME', home)
    vi.stubEnv('XDG_CACHE_HOME', '')
    const fleet = await readFleet(file)
    expect(fleet.hosts).toHaveLength(501)
    writeFileSync(onlyOne(), JSON.stringify({ apiVersion: 1, hosts: [{ name: 'n1', address: 'telnet://n1' }] }))
    expect(await readFleet(file)).toEqual(fleet)
    vi.unstubAllEnvs()
  })

  it.each([
    ['.cache is a file', () => writeFileSync(join(home, '.cache'), '')],
    [
      'a file stands where its folder should',
      () => (mkdirSync(join(home, '.cache')), writeFileSync(join(home, '.cache/tiercel'), '')),
    ],
    [
      'its path is below a file',
      () => (writeFileSync(join(home, 'file'), ''), (env['XDG_CACHE_HOME'] = join(home, 'file/below'))),
    ],
    ['its path is too long', () => (env['XDG_CACHE_HOME'] = join(home, 'x'.repeat(300)))],
    ['there is no home', () => (env['HOME'] = join(home, 'nowhere'))],
    ['home is empty', () => (env['HOME'] = '')],
  ])('costs nothing where it cannot be kept: %s', (_what, spoil) => {
    spoil()
    expect(read(fleetText(), env)).toMatchObject({ wasKnown: false, data: { apiVersion: 1 } })
  })

  it('leaves nothing behind where it cannot be written to its end', () => {
    read(fleetText(), env)
    const path = onlyOne()
    rmSync(path)
    // The place of the whole one is taken by a folder: the last step fails, as it would on a full disk.
    mkdirSync(join(path, 'taken'), { recursive: true })
    expect(read(fleetText(), env)).toMatchObject({ wasKnown: false, data: { apiVersion: 1 } })
    expect(kept()).toEqual([path])
  })

  it('is not kept where aliases unfold to far more than was written', () => {
    const names = Array.from({ length: 3000 }, (_, index) => `name${index}`)
    const text = `all: &all [${names.join(', ')}]\nmore: [${Array.from({ length: 50 }, () => '*all').join(', ')}]\n`
    expect(read(text, env).data).toHaveProperty('more.49.2999', 'name2999')
    expect(kept()).toEqual([])
  })

  it('leaves the eight that were read last, and what is none of it', () => {
    knownYaml(fleetText(), env)
    const foreign = join(folder(), 'notes.txt')
    writeFileSync(foreign, '')
    utimesSync(foreign, 0, 0)
    for (let index = 0; index < 12; index += 1) {
      read(fleetText(`n${index}`), env)
      for (const path of kept())
        utimesSync(path, statSync(path).atimeMs / 1000 - 60, statSync(path).mtimeMs / 1000 - 60)
      expect(read(fleetText('n0'), env).wasKnown).toBe(true)
    }
    expect(kept()).toHaveLength(9)
    expect(kept()).toContain(foreign)
  })
})

/** A folder of another user: of the first one there is, or of root. */
function somebodyElses(): string {
  if (process.getuid?.() !== 0) return '/'
  const theirs = temporaryFolder()
  chownSync(theirs, 1, 1)
  return theirs
}

function chmodOf(path: string): string {
  return (statSync(path).mode % 0o1000).toString(8)
}
