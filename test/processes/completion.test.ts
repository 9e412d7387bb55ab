import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const launcher = join(import.meta.dirname, '../../bin/tiercel')
const folder = mkdtempSync(join(tmpdir(), 'tiercel-completion-'))
const env = {
  ...process.env,
  PATH: [dirname(launcher), process.env['PATH']].join(delimiter),
  TIERCEL_STATE: join(folder, 'state'),
  TIERCEL_FLEET: '',
}
afterAll(() => rmSync(folder, { recursive: true, force: true }))

beforeAll(() => {
  // An address that would take its time, and leave a trace, if it were contacted.
  writeFileSync(
    join(folder, 'tiercel.yaml'),
    `apiVersion: 1
clusters: [{ name: main }]
tiers: [{ name: hot }]
hosts:
  - { name: n1, address: 'ssh://192.0.2.1', stores: [{ name: hot, tier: hot, cluster: main, pool: 'my tank' }] }
  - { name: n2, address: 'ssh://192.0.2.2' }
`,
  )
})

function run(shell: string, script: string, ...args: string[]) {
  return spawnSync(shell, ['-c', script, shell, ...args], { encoding: 'utf8', env, cwd: folder, timeout: 60_000 })
}

const isHere = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

/** Bash takes a word apart at COMP_WORDBREAKS, and shows only the part behind. */
function bash(line: string, current: string): string[] {
  const script = `source <(tiercel completion bash) || exit 9
compopt() { echo ":compopt $*"; }
COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=("$2") COMP_CWORD=0
_tiercel tiercel
printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr, status } = run('bash', script, line, current)
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout.split('\n').filter((reply) => reply !== '')
}

describe('bash', () => {
  test('takes the script as it is, and completes with it', () => {
    expect(run('bash', 'tiercel completion bash | bash -n').status).toBe(0)
    expect(run('bash', 'source <(tiercel completion bash); complete -p tiercel').stdout).toBe(
      'complete -F _tiercel tiercel\n',
    )
  })

  test('a command, a code, a name with a blank, an option of one word, a file', () => {
    expect(bash('tiercel hea', 'hea')).toEqual(['health'])
    expect(bash('tiercel health mute POOL_SUS', 'POOL_SUS')).toEqual(['POOL_SUSPENDED'])
    expect(bash('tiercel pools show n1/', 'n1/')).toEqual([String.raw`n1/my\ tank`])
    expect(bash('tiercel health --host n', 'n')).toEqual(['n1', 'n2'])
    expect(bash('tiercel health --severity=cri', 'cri')).toEqual(['critical'])
    expect(bash('tiercel config check ', '')).toEqual([':compopt -o default'])
    expect(bash('tiercel complet', 'complet')).toEqual(['completion'])
  })

  test('a fleet file that is not right, or is not there, is no error', () => {
    expect(bash('tiercel hosts show --fleet missing.yaml n', 'n')).toEqual([])
    expect(bash('tiercel hosts show --fleet tiercel.yaml n', 'n')).toEqual(['n1', 'n2'])
  })
})

const words = (...some: string[]) => {
  const { stdout, status } = run('sh', 'tiercel complete words -- "$@"', ...some)
  expect(status).toBe(0)
  return stdout.split('\n').filter((reply) => reply !== '')
}

test('for the other shells: whole words, with what they are', () => {
  expect(words('health', '--severity=cri')).toEqual(['--severity=critical'])
  expect(words('health', 'unm')).toEqual(['unmute\tEnd mutes: one by its id, or all of a code'])
  expect(words('stores', 'show', '')).toEqual(['n1/hot'])
  expect(words('health', 'mute', 'PIN_ERRORS', 'n2')).toEqual(['n2'])
  expect(words('--', 'he')).toEqual([])
})

test('procedures, what each is given, and names where a host is an option of its own', () => {
  expect(words('run', 'scrub').map((line) => line.split('\t')[0])).toEqual(['scrub', 'scrub-pool'])
  expect(words('procedures', 'show', 'pract')).toEqual(['practice\tPractise on something harmless'])
  expect(words('runs', 'list', '--procedure', 'hol')).toEqual(['hold\tHold snapshots of a store'])
  expect(words('plan', 'hold', '--mat').map((line) => line.split('\t')[0])).toEqual(['--matching'])
  expect(words('run', 'hold', '--host', 'n1', '--store', '')).toEqual(['hot'])
  expect(words('run', 'hold', '--host=n2', '--store', '')).toEqual([])
  expect(words('run', 'scrub-pool', '--pool', '')).toEqual(['my tank'])
  // Beside no --host, a name has its host with it.
  expect(words('run', 'scrub', '--pool', '')).toEqual(['n1/my tank'])
})

describe.skipIf(!isHere('zsh'))('zsh (skipped where there is none)', () => {
  test('takes the script, and completes with it', () => {
    expect(run('zsh', 'tiercel completion zsh | zsh -n').status).toBe(0)
    const script = `compdef() { :; }; compadd() { print -rl -- $replies; }
source <(tiercel completion zsh)
words=(tiercel pools show n1/); CURRENT=4; _tiercel`
    expect(run('zsh', script).stdout).toBe('n1/my tank\n')
  })
})

describe.skipIf(!isHere('fish'))('fish (skipped where there is none)', () => {
  test('takes the script, and completes with it', () => {
    const script = `tiercel completion fish | source; complete -C 'tiercel health --severity cri'`
    expect(run('fish', script).stdout.trim()).toBe('critical')
  })
})
