import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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
  expect(readPolicy(join(folder, 'absent'))).toMatchObject({ isThere: false, mode: 'observe-only', allow: [] })
})

test.runIf(isRoot)('obeys a file that root alone can write (needs root to make one)', () => {
  expect(readPolicy(written('right', 'apiVersion: 1\nmode: observe-only\n')).mode).toBe('observe-only')
})

test('refuses a file that others can write, a link, and one that is not root’s', () => {
  expect(() => readPolicy(written('open', 'apiVersion: 1\nmode: observe-only\n', 0o666))).toThrow(PolicyInvalid)
  symlinkSync('/etc/hostname', join(folder, 'link'))
  expect(() => readPolicy(join(folder, 'link'))).toThrow(PolicyInvalid)
})

test('refuses words it does not know', () => {
  expect(() => readPolicy(written('word', 'apiVersion: 1\nmode: everything\n'))).toThrow(PolicyInvalid)
  expect(() => readPolicy(written('extra', 'apiVersion: 1\nmode: observe-only\nalso: x\n'))).toThrow(PolicyInvalid)
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
