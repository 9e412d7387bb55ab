import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { parsePolicy, PolicyInvalid, readPolicy } from './policy-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tiercel-policy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const isRoot = process.getuid?.() === 0
function written(name: string, text: string, mode = 0o644): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}

test('observes only where there is no policy', () => {
  expect(readPolicy('/nonexistent/policy.yaml')).toMatchObject({ isThere: false, mode: 'observe-only', allow: [] })
})

test.runIf(isRoot)('obeys a file that root alone can write (needs root to make one)', () => {
  expect(readPolicy(written('right', 'apiVersion: 1\nmode: observe-only\n')).mode).toBe('observe-only')
})

test('refuses a file that others can write, a link, and one that is not root’s', () => {
  expect(() => readPolicy(written('open', 'apiVersion: 1\nmode: observe-only\n', 0o666))).toThrow(PolicyInvalid)
  symlinkSync('/etc/hostname', join(folder, 'link'))
  expect(() => readPolicy(join(folder, 'link'))).toThrow(PolicyInvalid)
})

test.runIf(isRoot)(
  'a file of root in a folder that another can write counts for nothing (needs root to make one)',
  () => {
    const text = 'apiVersion: 1\nmode: observe-only\n'
    mkdirSync(join(folder, 'above/below'), { recursive: true })
    const path = written('above/below/policy.yaml', text)
    expect(readPolicy(path).isThere).toBe(true)
    const above = join(folder, 'above')
    for (const [spoil, why] of [
      [() => chownSync(above, 65_534, 65_534), 'must belong to root'],
      [() => chmodSync(above, 0o775), 'nobody but root may write'],
      [() => chmodSync(above, 0o757), 'nobody but root may write'],
      [() => chownSync(path, 65_534, 0), 'must belong to root'],
      [() => chmodSync(join(above, 'below'), 0o1777), 'nobody but root may write'],
    ] as const) {
      spoil()
      expect(() => readPolicy(path)).toThrow(why)
      for (const each of [above, join(above, 'below'), path]) {
        chownSync(each, 0, 0)
        chmodSync(each, 0o755)
      }
      expect(readPolicy(path).isThere).toBe(true)
    }
    // A sticky folder further up is as good as one that others cannot write: root's own stays where it is.
    chmodSync(above, 0o1777)
    expect(readPolicy(path).isThere).toBe(true)
    symlinkSync('below', join(above, 'link'))
    expect(() => readPolicy(join(above, 'link/policy.yaml'))).toThrow('is a link')
  },
)

test('refuses words it does not know', () => {
  expect(() => parsePolicy('p', 'apiVersion: 1\nmode: everything\n')).toThrow(PolicyInvalid)
  expect(() => parsePolicy('p', 'apiVersion: 1\nmode: observe-only\nalso: x\n')).toThrow(PolicyInvalid)
})

test('knows on which line it says what', () => {
  const text = `# what may be changed here
apiVersion: 1
mode: operate
allow:
  - operations: [scrub-start]
    pools: ['*']
  # the others
  - { operations: [scrub-stop, scrub-pause], pools: [hot-tier, cold-tier] }
`
  expect(parsePolicy('p.yaml', text)).toEqual({
    file: 'p.yaml',
    isThere: true,
    mode: 'operate',
    modeLine: 3,
    allow: [
      { operations: ['scrub-start'], pools: ['*'], line: 5 },
      { operations: ['scrub-stop', 'scrub-pause'], pools: ['hot-tier', 'cold-tier'], line: 8 },
    ],
  })
})

test.each([
  ['apiVersion: 1\nmode: operate\nallow:\n  - operations: [scrub-strat]\n    pools: [x]\n', 'p.yaml:4'],
  ['apiVersion: 1\nmode: operate\nallow:\n  - operations: [scrub-start]\n    pools: []\n', 'p.yaml:5'],
  ['apiVersion: 1\nmode: "operate\n', 'p.yaml:3'],
  ['apiVersion: 2\n', 'p.yaml:1'],
  ['', 'p.yaml:1'],
])('a mistake is told with its line, and allows nothing: %j', (text, place) => {
  expect(() => parsePolicy('p.yaml', text)).toThrow(PolicyInvalid)
  expect(() => parsePolicy('p.yaml', text)).toThrow(place)
})
