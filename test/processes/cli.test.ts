import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

/** The command line as a process: what it leaves on screen, in pipes and as exit status. */
const launcher = join(import.meta.dirname, '../../bin/tiercel')
const folder = mkdtempSync(join(tmpdir(), 'tiercel-cli-'))
const fleetFile = join(folder, 'tiercel.yaml')

afterAll(() => rmSync(folder, { recursive: true, force: true }))

writeFileSync(
  fleetFile,
  `apiVersion: 1
hosts: [{ name: n1, address: 'unix:${join(folder, 'nobody.sock')}' }]
`,
)

function shell(script: string, { cwd = folder } = {}) {
  return spawnSync('sh', ['-c', script, launcher, fleetFile], { encoding: 'utf8', cwd, timeout: 30_000 })
}

test('a reader that has enough ends it without a word', () => {
  const { stdout, stderr } = shell(`"$0" health --watch --every 1s --nagios --fleet "$1" | head -n 1`)
  expect(stdout).toBe('TIERCEL UNKNOWN - AGENT_UNREACHABLE n1 | critical=0 unknown=1 warning=0 info=0 ok=0\n')
  expect(stderr).toBe('')
})

test('what is not found on a host that does not answer is unknown, not absent', () => {
  const { status, stderr } = shell(`"$0" pools show n1/hot-tier --fleet "$1"`)
  expect(status).toBe(3)
  expect(stderr).toContain('n1 did not answer, so this is not all')
})

test('a fleet file that everybody may write counts only when it is named', () => {
  expect(shell(`"$0" config check`).status).toBe(0)
  chmodSync(fleetFile, 0o666)
  const { status, stderr } = shell(`"$0" health`)
  expect(status).toBe(2)
  expect(stderr).toContain('if it is meant: --fleet tiercel.yaml')
  expect(shell(`"$0" config check "$1"`).status).toBe(0)
  chmodSync(fleetFile, 0o644)
})

test('an error says what to do next', () => {
  const { status, stderr } = shell(`"$0" agent run --config "$1.missing"`)
  expect(status).toBe(2)
  expect(stderr).toContain('tiercel agent install')
})
