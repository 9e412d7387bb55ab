import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UsageError } from './errors.ts'
import { readCursors, writeCursors } from './log-cursors.ts'

test('cursors that cannot be written are told as bad input', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-test-'))
  try {
    const cursors = new Map([['n1/cluster', 'here']])
    for (const path of [join(folder, 'missing/cursors'), folder, '/dev/null/cursors', join(folder, 'x'.repeat(5000))])
      expect(() => writeCursors(path, cursors)).toThrow(UsageError)
    expect(() => readCursors(folder)).toThrow(UsageError)
    writeCursors(join(folder, 'cursors'), cursors)
    expect(readCursors(join(folder, 'cursors'))).toEqual(cursors)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
