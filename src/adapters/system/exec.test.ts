import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { ProgramMissing, Stuck } from '../../domain/errors.ts'
import { commandText } from '../../domain/command-text.ts'
import { days, milliseconds } from '../../domain/units.ts'
import { CommandFailed, createPrograms, OutputTooLong } from './exec.ts'

const { exec } = createPrograms()

test('gives stdout of a program that exits 0', async () => {
  expect(await exec('printf', ['%s', 'a b'])).toBe('a b')
})

test('passes arguments as they are, without a shell', async () => {
  expect(await exec('printf', ['%s|', '$HOME', '`id`', 'a;b', '*'])).toBe('$HOME|`id`|a;b|*|')
})

test('runs with no locale, in UTC, and inherits nothing', async () => {
  process.env['ZFS_COLOR'] = '1'
  const seen = (await exec('env', [])).trim().split('\n')
  delete process.env['ZFS_COLOR']
  expect(seen.toSorted().map((line) => line.split('=')[0])).toEqual(['LC_ALL', 'PATH', 'TZ'])
  expect(seen).toContain('LC_ALL=C.UTF-8')
  expect(seen).toContain('TZ=UTC')
})

test('keeps exit code, stdout and stderr of a program that fails', async () => {
  const failed = await exec('sh', ['-c', 'echo out; echo first >&2; echo second >&2; exit 3']).catch(
    (error: unknown) => error,
  )
  expect(failed).toBeInstanceOf(CommandFailed)
  expect(failed).toMatchObject({ exitCode: 3, stdout: 'out\n', stderr: 'first\nsecond\n', remedy: 'ask' })
  expect(String(failed)).toContain('exited 3: first')
})

test('hands stdout over as it comes, and then keeps none of it', async () => {
  const got: string[] = []
  expect(
    await exec('sh', ['-c', 'seq 1 20000'], { maxBytes: 10, onStdout: (chunk) => got.push(chunk.toString()) }),
  ).toBe('')
  expect(got.join('').trim().split('\n')).toHaveLength(20_000)
})

const refuse = () => {
  throw new Error('not understood')
}

test('ends a program whose output is refused, with the reason', async () => {
  await expect(exec('sh', ['-c', 'echo x; exec sleep 60'], { onStdout: refuse })).rejects.toThrow('not understood')
})

test('says which program is missing, and what to install', async () => {
  const missing = await createPrograms()
    .exec('zpool-that-is-not-there', [])
    .catch((error: unknown) => error)
  expect(missing).toBeInstanceOf(ProgramMissing)
})

test('lets a program end by itself within a deadline that is longer than a timer of Node can wait', async () => {
  expect(await exec('sh', ['-c', 'sleep 0.2; echo done'], { deadline: days(30) })).toBe('done\n')
})

test('ends a program at its deadline', async () => {
  const programs = createPrograms()
  await expect(programs.exec('sleep', ['60'], { deadline: milliseconds(50) })).rejects.toThrow('did not end within')
  expect(programs.stuck()).toEqual([])
})

test('ends a program when its signal says so', async () => {
  const programs = createPrograms()
  await expect(programs.exec('sleep', ['60'], { signal: AbortSignal.timeout(50) })).rejects.toBeInstanceOf(Stuck)
  expect(programs.stuck()).toEqual([])
})

test('kills a program that ignores SIGTERM', async () => {
  const programs = createPrograms()
  await expect(
    programs.exec('sh', ['-c', 'trap "" TERM; while :; do sleep 0.1; done'], { deadline: milliseconds(200) }),
  ).rejects.toBeInstanceOf(Stuck)
  expect(programs.stuck()).toEqual([])
})

test('ends a program that prints too much', async () => {
  await expect(exec('yes', [], { maxBytes: 1000 })).rejects.toBeInstanceOf(OutputTooLong)
})

test('does not wait for a grandchild that holds the pipes', async () => {
  const startedAt = performance.now()
  expect(await exec('sh', ['-c', 'sleep 5 & echo done'])).toBe('done\n')
  expect(performance.now() - startedAt).toBeLessThan(4000)
})

test('accounts for a child that cannot be killed, and starts no second one of its kind', async () => {
  const pids: number[] = []
  const programs = createPrograms({
    kill: (child) => {
      pids.push(child.pid ?? 0)
      return true
    },
  })
  try {
    await expect(programs.exec('sleep', ['60'], { deadline: milliseconds(20) })).rejects.toThrow('cannot be killed')
    expect(programs.stuck()).toMatchObject([{ command: 'sleep 60', pid: pids[0] }])
    await expect(programs.exec('/bin/sleep', ['0'])).rejects.toThrow('was not started')
    expect(await programs.exec('true', [])).toBe('') // other kinds go on
  } finally {
    process.kill(pids[0] ?? 0, 'SIGKILL')
  }
  await expect.poll(() => programs.stuck()).toEqual([])
  expect(await programs.exec('sleep', ['0'])).toBe('') // free again
})

test('a child that cannot be killed does not keep the process from exiting', () => {
  const script = `
    import { createPrograms } from '${import.meta.dirname}/exec.ts'
    const { exec } = createPrograms({ kill: (child) => { console.log(child.pid); return true } })
    await exec('sleep', ['60'], { deadline: 20 }).catch((error) => console.log(error.name))
  `
  const { stdout, status, error } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  const [pid = '0'] = stdout.split('\n')
  try {
    expect({ error, status, last: stdout.trim().split('\n').at(-1) }).toEqual({
      error: undefined,
      status: 0,
      last: 'Stuck',
    })
  } finally {
    process.kill(Number(pid), 'SIGKILL')
  }
})

test('shows a command as a person would type it', () => {
  expect(commandText('zpool', ['get', 'all', "it's mine"])).toBe(`zpool get all 'it'\\''s mine'`)
})

test('out of file descriptors, a program that cannot be started is an error, and not the end of this process', () => {
  const script = `
    import { openSync } from 'node:fs'
    import { createPrograms } from './src/adapters/system/exec.ts'
    try { for (;;) openSync('/dev/null') } catch {}
    const failed = await createPrograms().exec('true', []).catch((error) => error)
    await new Promise((resolve) => setTimeout(resolve, 50))
    console.log(failed.constructor.name, failed.message)`
  const { stdout } = spawnSync(
    'sh',
    ['-c', `ulimit -n 64; exec "$0" --input-type=module -e "$1"`, process.execPath, script],
    { encoding: 'utf8', cwd: `${import.meta.dirname}/../../..` },
  )
  expect(stdout.trim()).toBe('CommandFailed true could not be started (EMFILE)')
})
