import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  circleFaults,
  fileFaults,
  importFaults,
  machineFaults,
  type Sources,
  tableFaults,
} from './architecture/faults.ts'
import { parseParts, partOf } from './architecture/table.ts'

const root = join(import.meta.dirname, '..')
const parts = parseParts(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'))
const inGit = existsSync(join(root, '.git'))

/** Files that git knows, or would take: `git ls-files` leaves out what .gitignore names. */
function files(...options: string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', ...options], { cwd: root, encoding: 'utf8' })
  return listed
    .split('\0')
    .filter((file) => file !== '' && statSync(join(root, file), { throwIfNoEntry: false })?.isFile())
}

function read(names: readonly string[]): Sources {
  return new Map(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]))
}

/** Places of this machine, and hosts that its package managers ask; put together here so that no file names them. */
function machineWords(): string[] {
  const hosts = ['npm_config_registry', 'GOPROXY', 'PIP_INDEX_URL'].flatMap((name) =>
    (process.env[name] ?? '').split(/[,|]/).map((url) => (URL.canParse(url) ? new URL(url).host : '')),
  )
  const folders = ['home', 'Users', 'work', 'farm'].map((folder) => `/${folder}/`)
  return [['registry', 'npmjs', 'org'].join('.'), ...hosts.filter((host) => host !== ''), `${root}/`, ...folders]
}

describe.skipIf(!inGit)('the tree (skipped outside a git checkout)', () => {
  const typescript = read(files('--cached', '--others', '--exclude-standard', '*.ts'))

  test('holds TypeScript at all', () => {
    expect(typescript.size).toBeGreaterThan(30)
  })

  test('has every file in a part, and no import that the row of its part does not allow', () => {
    expect(importFaults(parts, typescript)).toEqual([])
  })

  test('has files for every part', () => {
    const used = new Set([...typescript.keys()].map((file) => partOf(parts, file)?.name))
    expect(parts.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([])
  })

  test('keeps files short, programs in one place and exports named', () => {
    expect(fileFaults(typescript)).toEqual([])
  })

  test('has no files that import each other round about', () => {
    expect(circleFaults(typescript)).toEqual([])
  })

  test('names no place and no registry of the machine it was written on', () => {
    const texts = read(files('--cached').filter((file) => !/\.(png|ico|gz|zip|woff2?)$/.test(file)))
    expect(machineFaults(texts, machineWords())).toEqual([])
  })
})

test('the table of parts points up only', () => {
  expect(tableFaults(parts)).toEqual([])
})

/** What is said of one file that is not in the tree. */
function plant(file: string, source: string): string[] {
  return importFaults(parts, new Map([[file, source]]))
}

describe('a planted fault is reported by name', () => {
  test.each([
    ['a file in no part', 'src/misc/x.ts', '', 'src/misc/x.ts is in no part'],
    [
      'an import against the table',
      'src/domain/bad.ts',
      `import '../cli/main.ts'`,
      'src/domain/bad.ts → src/cli/main.ts',
    ],
    [
      'a type import',
      'src/domain/bad.ts',
      `import type { Exec } from '../adapters/system/exec.ts'`,
      'src/domain/bad.ts → src/adapters/system/exec.ts',
    ],
    [
      'a type named in place',
      'src/domain/bad.ts',
      `export type E = import('../adapters/system/exec.ts').Exec`,
      'src/domain/bad.ts → src/adapters/system/exec.ts',
    ],
    [
      'an export from elsewhere',
      'src/domain/bad.ts',
      `export { exec } from '../adapters/system/exec.ts'`,
      'src/domain/bad.ts → src/adapters/system/exec.ts',
    ],
    [
      'a dynamic import',
      'src/domain/bad.ts',
      `await import('../sim/world.ts')`,
      'src/domain/bad.ts → src/sim/world.ts',
    ],
    [
      'a worker',
      'src/domain/bad.ts',
      `new Worker(new URL('../sim/worker.ts', import.meta.url))`,
      'src/domain/bad.ts → src/sim/worker.ts',
    ],
    ['a module of Node in the domain', 'src/domain/bad.ts', `import 'node:fs'`, 'src/domain/bad.ts → node:fs'],
    ['a package in the domain', 'src/domain/bad.ts', `import 'undici/types'`, 'src/domain/bad.ts → undici/types'],
    [
      'a process that imports another',
      'src/agent/bad.ts',
      `import '../cli/main.ts'`,
      'src/agent/bad.ts → src/cli/main.ts',
    ],
    [
      'an import that is computed',
      'src/domain/bad.ts',
      `await import(name)`,
      'src/domain/bad.ts → import(name) cannot be read: write the target out',
    ],
  ])('%s', (_, file, source, fault) => {
    expect(plant(file, source)).toEqual([fault])
  })

  test('a row that names itself or a row below', () => {
    const table = [
      '| part | what it is | may import |',
      '| --- | --- | --- |',
      '| **low** `src/low/` | x | `high`, `zod` |',
      '| **high** `src/high/` | x | `low`, `high` |',
    ]
    expect(tableFaults(parseParts(table.join('\n')))).toEqual([
      'the row low names high, which is not above it',
      'the row high names high, which is not above it',
    ])
  })

  test('a long file, a started program and a default export', () => {
    const long = new Map([['src/cli/long.ts', 'void 0\n'.repeat(301)]])
    expect(fileFaults(long)).toEqual(['src/cli/long.ts has 301 lines; 300 are allowed'])
    const started = new Map([['src/cli/run.ts', `import { spawn } from 'node:child_process'`]])
    expect(fileFaults(started)).toEqual(['src/cli/run.ts starts programs; only src/adapters/system/exec.ts does'])
    for (const source of ['export default 1', 'const x = 1; export { x as default }']) {
      expect(fileFaults(new Map([['tools/x.ts', source]]))).toEqual(['tools/x.ts has a default export'])
    }
  })

  test.each([
    ['a type', `import type { B } from './b.ts'`, `import type { C } from './c.ts'`],
    ['a value', `import { b } from './b.ts'`, `export { c } from './c.ts'`],
    ['a type named in place', `export type B = import('./b.ts').B`, `import './c.ts'`],
    ['an import on demand', `await import('./b.ts')`, `import './c.ts'`],
    ['a worker', `new Worker(new URL('./b.ts', import.meta.url))`, `import './c.ts'`],
  ])('files that import each other round about, by %s', (_, a, b) => {
    const sources = new Map([
      ['src/cli/a.ts', a],
      ['src/cli/b.ts', b],
      ['src/cli/c.ts', `import { a } from '../cli/a.ts'`],
      ['src/cli/d.ts', `import './a.ts'; import './c.ts'`],
    ])
    expect(circleFaults(sources)).toEqual(['src/cli/a.ts → src/cli/b.ts → src/cli/c.ts → src/cli/a.ts'])
    expect(circleFaults(new Map([...sources].filter(([file]) => file !== 'src/cli/c.ts')))).toEqual([])
  })

  test('a place of one machine', () => {
    expect(machineFaults(new Map([['README.md', `see ${root}/x`]]), [`${root}/`])).toEqual([`README.md names ${root}/`])
  })

  test('and what is allowed is not', () => {
    expect(plant('src/domain/good.ts', `import { z } from 'zod'; import type { Pool } from './pool.ts'`)).toEqual([])
    expect(plant('src/domain/good.test.ts', `import { test } from 'vitest'; import 'node:fs'`)).toEqual([])
  })
})
