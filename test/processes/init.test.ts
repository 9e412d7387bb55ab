import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const launcher = join(import.meta.dirname, '../../bin/tiercel')
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-init-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(...args: string[]) {
  return spawnSync(launcher, args, {
    encoding: 'utf8',
    cwd: folder,
    timeout: 60_000,
    env: {
      ...process.env,
      PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
      TIERCEL_STATE: join(folder, 'state'),
    },
  })
}

/** An `ssh` that runs this; what the other side would. */
function fakeSsh(script: string): void {
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/ssh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

test('on this machine: files that are right at once, and are never overwritten', () => {
  const written = run('init', '--yes', '--output', 'deep/er')
  expect(written).toMatchObject({ status: 0, stderr: '' })
  const [agent = '', fleet = ''] = readdirSync(join(folder, 'deep/er')).toSorted()
  expect(fleet).toBe('tiercel.yaml')
  expect(run('config', 'check', 'deep/er/tiercel.yaml').status).toBe(0)
  expect(run('agent', 'check', '--config', join('deep/er', agent)).status).toBe(0)
  const again = run('init', '--yes', '--output', 'deep/er')
  expect(again).toMatchObject({ status: 2, stderr: expect.stringContaining('nothing is overwritten') })
  rmSync(join(folder, 'deep/er/tiercel.yaml'))
  expect(run('init', '--yes', '--output', 'deep/er').stderr).toContain(agent)
  expect(readdirSync(join(folder, 'deep/er'))).toEqual([agent])
  expect(run('init', '--dry-run').stdout).toContain('--- tiercel.yaml')
  expect(readdirSync(folder)).toEqual(['deep'])
})

test('other hosts are looked at by three fixed words over SSH', () => {
  fakeSsh(`printf '%s ' "$@" >> "${folder}/args"; exec "${launcher}" agent discover`)
  const { status, stderr } = run('init', '--yes', 'ssh://root@n1:2222', '--output', 'x')
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(readFileSync(join(folder, 'args'), 'utf8')).toMatch(/ -l root -p 2222 -- n1 tiercel agent discover $/)
  expect(readFileSync(join(folder, 'x/tiercel.yaml'), 'utf8')).toContain('address: "ssh://root@n1:2222"')
  expect(run('config', 'check', 'x/tiercel.yaml').status).toBe(0)
})

test.each([
  ['echo "bash: tiercel: command not found" >&2; exit 127', 'install it on that host'],
  ['echo "error: unknown command \'discover\'" >&2; exit 2', 'bring it to the same version'],
  ['echo "HTTP/1.1 400 Bad Request"', 'use another key'],
  ['echo \'{"apiVersion":1}\'', 'use another key'],
  ['echo "n1: Permission denied (publickey)." >&2; exit 255', 'check the key'],
])('a host that cannot be looked at is told, and nothing is written: %s', (script, told) => {
  fakeSsh(script)
  const { status, stderr } = run('init', '--yes', 'ssh://n1')
  expect(status).toBe(2)
  expect(stderr).toContain('nothing was written')
  expect(stderr).toContain(told)
  expect(readdirSync(folder)).toEqual(['bin'])
})

test('an address that is none is refused with the one that was meant', () => {
  expect(run('init', 'root@n1')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('did you mean ssh://root@n1?'),
  })
  expect(run('init', '-oProxyCommand=x')).toMatchObject({ status: 2 })
  expect(run('init', 'ssh://-oProxyCommand=x')).toMatchObject({ status: 2 })
})
