import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
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
    chmodSync(home, 0o700)
    expect(knownYaml(fleetText(), { HOME: somebodyElses() })).toBeUndefined()
    const cache = join(home, 'cache')
    mkdirSync(cache)
    chmodSync(cache, 0o777)
    expect(knownYaml(fleetText(), { HOME: home, XDG_CACHE_HOME: cache })).toBeUndefined()
    chmodSync(cache, 0o755)
    expect(knownYaml(fleetText(), { HOME: home, XDG_CACHE_HOME: cache })).toBeDefined()
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

  it('costs nothing where it cannot be kept', () => {
    mkdirSync(join(home, '.cache/tiercel'), { recursive: true })
    writeFileSync(folder(), 'a file where the folder should be')
    expect(read(fleetText(), env)).toMatchObject({ wasKnown: false, data: { apiVersion: 1 } })
  })

  it('leaves the eight that were read last', () => {
    for (let index = 0; index < 12; index += 1) {
      read(fleetText(`n${index}`), env)
      for (const path of kept()) utimesSync(path, index, index)
    }
    expect(kept()).toHaveLength(8)
    expect(read(fleetText('n11'), env).wasKnown).toBe(true)
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
