import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../test/builders/temporary-folder.ts'
import { createPrograms, type Exec } from '../adapters/system/exec.ts'
import { ProgramMissing } from '../domain/errors.ts'
import { inHostMounts } from './in-host-mounts.ts'

/** Programs on a machine whose nsenter is this script. */
function withNsenter(script: string): Exec {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'nsenter'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'nsenter'), 0o755)
  const { exec } = createPrograms()
  return inHostMounts((file, args, options) =>
    exec(file, args, { ...options, env: { PATH: `${folder}:/usr/bin:/bin` } }),
  )
}

const becomes = 'test "$1 $2" = "--mount=/proc/1/ns/mnt --" || exit 99\nshift 2; exec "$@"'
const fails = async (exec: Exec, file: string, ...args: string[]): Promise<unknown> =>
  exec(file, args).catch((error: unknown) => error)

test('a program is run in the mounts of the first process, with its own arguments, output and end', async () => {
  const exec = withNsenter(becomes)
  expect(await exec('printf', ['%s|', 'a b', '--mount=x'])).toBe('a b|--mount=x|')
  expect(await fails(exec, 'sh', '-c', 'echo no >&2; exit 3')).toMatchObject({
    file: 'sh',
    args: ['-c', 'echo no >&2; exit 3'],
    exitCode: 3,
    stderr: 'no\n',
  })
})

test('where the mounts cannot be reached, nothing is run, and it says what to do', async () => {
  const exec = withNsenter("echo 'nsenter: cannot open /proc/1/ns/mnt: Permission denied' >&2; exit 1")
  expect(await fails(exec, 'zfs', 'mount', 'hot-tier/x')).toMatchObject({
    remedy: 'stop',
    message: expect.stringMatching(/zfs was not run.*cannot open.*sudo tiercel agent install/),
  })
})

test('a program that is missing there, and nsenter itself, are told as missing', async () => {
  const there = withNsenter("echo 'nsenter: failed to execute zfs: No such file or directory' >&2; exit 127")
  expect(await fails(there, 'zfs', 'list')).toBeInstanceOf(ProgramMissing)
  const { exec } = createPrograms()
  const none = inHostMounts((file, args, options) => exec(file, args, { ...options, env: { PATH: temporaryFolder() } }))
  expect(await fails(none, 'zfs', 'list')).toMatchObject({ message: expect.stringContaining('nsenter') })
})
