import { spawnSync } from 'node:child_process'
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
  return spawnSync('sh', ['-c', script, launcher, fleetFile], {
    encoding: 'utf8',
    cwd,
    timeout: 30_000,
    env: { ...process.env, TIERCEL_STATE: join(folder, 'state') },
  })
}

test('a reader that has enough ends it without a word', () => {
  const { stdout, stderr } = shell(`"$0" health --watch --every 1s --nagios --fleet "$1" | head -n 1`)
  expect(stdout).toBe('TIERCEL UNKNOWN - AGENT_UNREACHABLE n1 | critical=0 unknown=1 warning=0 info=0 ok=0 muted=0\n')
  expect(stderr).toBe('')
})

test.each([
  ['no fleet file', '--fleet "$1.missing"', /there is no fleet file/],
  ['an option that is none', '--fleet "$1" --hots n1', /unknown option/],
  ['a host that is none', '--fleet "$1" --host n9', /there is no host n9/],
  ['two forms at once', '--fleet "$1" --json', /exclude each other/],
])('a monitoring plugin speaks, and does not know, where it fails by itself: %s', (_what, options, says) => {
  const { stdout, status } = shell(`"$0" health --nagios ${options}`)
  expect(stdout).toMatch(/^TIERCEL UNKNOWN - [^\n]*\n$/)
  expect(stdout).toMatch(says)
  expect(status).toBe(3)
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

test('what is muted counts nowhere, is told everywhere, and counts again when it is not muted any more', () => {
  const look = (options: string) => shell(`"$0" health ${options} --fleet "$1"`)
  expect(look('--nagios').status).toBe(3)
  const wrong = shell(`"$0" health mute AGENT_UNREACHABEL n1 --for 1h --reason x --fleet "$1"`)
  expect(wrong.status).toBe(2)
  expect(wrong.stderr).toContain('did you mean AGENT_UNREACHABLE?')
  const muted = shell(`"$0" health mute AGENT_UNREACHABLE n1 --for 1h --reason 'it moves' --fleet "$1"`)
  expect(muted).toMatchObject({ status: 0, stderr: expect.stringContaining('warning') })
  for (const options of ['', '--json', '--nagios']) {
    const { status, stdout } = look(options)
    expect(status).toBe(0)
    expect(stdout).toContain('AGENT_UNREACHABLE')
    expect(stdout).toContain('not known')
  }
  const watched = shell(`"$0" health --watch --every 1s --nagios --fleet "$1" | head -n 1`)
  expect(watched.stdout).toContain('TIERCEL OK - nothing to show - muted: AGENT_UNREACHABLE n1')
  expect(shell(`"$0" health mutes --json --fleet "$1" | grep -c '"reason": "it moves"'`).stdout).toBe('1\n')
  expect(shell(`"$0" health unmute agent_unreachable --fleet "$1"`).status).toBe(0)
  expect(look('').status).toBe(3)
})

test('mutes that cannot be read mute nothing, and that is told', () => {
  expect(shell(`"$0" health mute AGENT_UNREACHABLE --for 1h --reason x --fleet "$1"`).status).toBe(0)
  const [file = ''] = globSync(join(folder, 'state/*/mutes.json'))
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, before.slice(0, -20))
  const { status, stdout } = shell(`"$0" health --fleet "$1"`)
  expect(status).toBe(3)
  expect(stdout).toContain('no mute is honoured')
  expect(readFileSync(file, 'utf8')).toBe(before.slice(0, -20))
  rmSync(file)
})

test('a filter that names nothing known is refused with the nearest name', () => {
  const { status, stderr } = shell(`"$0" health --host n11 --fleet "$1"`)
  expect(status).toBe(2)
  expect(stderr).toContain('did you mean n1?')
  const { stdout } = shell(`"$0" health --code pool_missing --fleet "$1"`)
  expect(stdout).toContain('filtered by --code POOL_MISSING; not shown: 1 unknown')
})

test('what was found is remembered, and what has changed since is told', () => {
  const state = 'TIERCEL_STATE="$(dirname "$1")/since"'
  expect(shell(`${state} "$0" health --since 1h --fleet "$1"`).stdout).toContain('nothing is remembered')
  const again = shell(`${state} "$0" health --since 1h --fleet "$1"`)
  expect(again.status).toBe(3)
  expect(again.stdout).toContain('nothing has changed')
  expect(again.stdout).toContain('looked last at')
  const more = `printf "apiVersion: 1\\nhosts: [{ name: n2, address: 'unix:/nobody.sock' }]\\n" > "$1"`
  const before = readFileSync(fleetFile, 'utf8')
  const changed = shell(`${more}; ${state} "$0" health --since 1h --json --fleet "$1"`)
  writeFileSync(fleetFile, before)
  expect(JSON.parse(changed.stdout)).toMatchObject({
    changes: {
      changes: [
        { kind: 'appeared', code: 'AGENT_UNREACHABLE', subject: 'n2' },
        { kind: 'gone', code: 'AGENT_UNREACHABLE', subject: 'n1' },
      ],
    },
  })
  const nowhere = shell('TIERCEL_STATE="$1/state" "$0" health --since 1h --fleet "$1"')
  expect(nowhere).toMatchObject({ status: 2, stderr: expect.stringContaining('TIERCEL_STATE') })
  expect(shell(`"$0" health --since yesterday --fleet "$1"`).status).toBe(2)
})

test('what could not be written to its end is no success', () => {
  for (const command of ['config check --json "$1"', 'health --json --fleet "$1"', '--help']) {
    const { status, stderr } = shell(`"$0" ${command} > /dev/full`)
    expect(stderr).toContain('tiercel: cannot write: ENOSPC')
    expect(status).toBe(2)
  }
  // Room for a part of it.
  const { status, stderr } = shell(`ulimit -f 2; "$0" config schema > cut.json`)
  expect(stderr).toContain('tiercel: cannot write: EFBIG')
  expect(status).toBe(2)
})

/** What of Node and of ourselves a command had loaded when it ended. */
function loadedBy(command: string): string {
  const list = join(folder, 'list.mjs')
  writeFileSync(
    list,
    `import { registerHooks } from 'node:module'
const urls = []
registerHooks({ resolve(specifier, context, next) { const found = next(specifier, context); urls.push(found.url); return found } })
process.on('exit', () => console.error([...process.moduleLoadList, ...urls].join('\\n')))`,
  )
  return shell(`NODE_OPTIONS="--import=${list}" "$0" ${command} --fleet "$1"`).stderr
}

test('a look starts without what it does not need: Node’s undici, procedures, processes of hosts', () => {
  const loaded = loadedBy('health --json')
  expect(loaded).toContain('NativeModule http')
  expect(loaded).toContain('/src/cli/health.ts')
  expect(loaded).not.toContain('internal/deps/undici')
  expect(loaded).not.toMatch(/\/src\/(agent|executor|controller|engine|procedures)\//)
  // The same is seen where it is needed.
  expect(loadedBy('procedures list')).toMatch(/\/src\/controller\//)
})
