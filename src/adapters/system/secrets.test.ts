import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { readSecret, SecretUnreadable } from './secrets.ts'

const folder = mkdtempSync(join(tmpdir(), 'tiercel-secrets-'))
afterAll(async () => rm(folder, { recursive: true }))

function file(name: string, content: string, mode = 0o600): { file: string } {
  const path = join(folder, name)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return { file: path }
}

async function refusal(ref: Parameters<typeof readSecret>[0]): Promise<SecretUnreadable> {
  const error: unknown = await readSecret(ref).catch((reason: unknown) => reason)
  if (error instanceof SecretUnreadable) return error
  throw new Error(`expected a refusal, got ${String(error)}`)
}

describe('readSecret', () => {
  test.each([
    { what: 'without a line end', content: 's3cret', expected: 's3cret' },
    { what: 'with one', content: 's3cret\n', expected: 's3cret' },
    { what: 'with one of Windows', content: 's3cret\r\n', expected: 's3cret' },
    { what: 'with blanks around, which count', content: ' s3 cret \n', expected: ' s3 cret ' },
  ])('reads a file $what', async ({ content, expected }) => {
    expect(await readSecret(file('secret', content))).toBe(expected)
  })

  test('reads the file anew each time', async () => {
    const ref = file('changing', 'old')
    expect(await readSecret(ref)).toBe('old')
    file('changing', 'new')
    expect(await readSecret(ref)).toBe('new')
  })

  test('reads an environment variable', async () => {
    vi.stubEnv('TIERCEL_TEST_SECRET', 'from-env\n')
    expect(await readSecret({ env: 'TIERCEL_TEST_SECRET' })).toBe('from-env')
    vi.unstubAllEnvs()
    expect((await refusal({ env: 'TIERCEL_TEST_SECRET' })).message).toContain('TIERCEL_TEST_SECRET is not set')
  })

  test.each([
    { name: 'empty', content: '\n', says: 'is empty' },
    { name: 'two-lines', content: 'hunter2\nhunter3\n', says: 'more than one line' },
    { name: 'too-long', content: 'hunter2'.repeat(10_000), says: 'too long' },
  ])('refuses a file that is $name: names it, and not its content', async ({ name, content, says }) => {
    const ref = file(name, content)
    const { message } = await refusal(ref)
    expect(message).toContain(says)
    expect(message).toContain(ref.file)
    expect(message).not.toContain('hunter')
  })

  test('refuses a file that everybody may read, and says how to mend it', async () => {
    const ref = file('open', 'hunter2', 0o644)
    expect((await refusal(ref)).hint).toContain(`chmod o= ${ref.file}`)
    expect(await readSecret(file('group', 'hunter2', 0o640))).toBe('hunter2')
  })

  test('refuses what is not there, a folder, and a pipe that nobody writes to', async () => {
    expect((await refusal({ file: join(folder, 'absent') })).message).toContain('absent')
    expect((await refusal({ file: folder })).message).toContain('not a regular file')
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', ['-m', '600', pipe])
    expect((await refusal({ file: pipe })).message).toContain('not a regular file')
  })
})
