import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testFolder } from './testing.ts'

/** Makes an index in a process that may hold 32 MB of objects. */
function made(pins: number, ...more: string[]) {
  using folder = testFolder()
  const { status, stdout } = spawnSync(
    process.execPath,
    [
      '--max-old-space-size=32',
      '--max-semi-space-size=1',
      join(import.meta.dirname, 'memory-child.ts'),
      folder.path,
      String(pins),
      ...more,
    ],
    { encoding: 'utf8', timeout: 110_000 },
  )
  return { status, said: stdout === '' ? undefined : (JSON.parse(stdout) as { pins: number; bytesEach: number }) }
}

test('an index of any number of pins is made in 32 MB, and takes at most 64 bytes a pin', { timeout: 120_000 }, () => {
  // 60,000 sets of holders: more than are known by heart, so that many are written twice.
  const { status, said } = made(150_000)
  expect(status).toBe(0)
  expect(said?.pins).toBe(150_000)
  expect(said?.bytesEach).toBeLessThanOrEqual(64)
})

test('that is seen here: who holds what is read does not get through', { timeout: 120_000 }, () => {
  expect(made(150_000, 'hold').status).not.toBe(0)
})
