import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { most, operationSizes, procedureFolders, procedureSizes, sizeOf, tooLarge } from './sizes.ts'

test(`a procedure with its operations has at most ${most.lines} lines in ${most.files} files, or says why it has more`, () => {
  expect(tooLarge(procedureSizes())).toEqual([])
})

test('an operation is one file of its own, and no folder of procedures is forgotten', () => {
  expect(operationSizes().every(({ lines }) => lines > 0 && lines <= 200)).toBe(true)
  expect(procedureFolders().length).toBeGreaterThan(0)
  expect(procedureSizes().length).toBeGreaterThanOrEqual(procedureFolders().length)
})

test('negative control: one that is longer is told by name, and with the reason in its head it is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-size-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'long.ts')
  const body = 'export const a = 1\n'.repeat(most.lines)
  writeFileSync(join(folder, 'other.ts'), body)
  writeFileSync(file, `import './x'\nimport { a } from './other.ts'\n${body}`)
  expect(tooLarge([sizeOf('long', file)])).toMatchObject([{ name: 'long', files: 2 }])
  writeFileSync(file, `// Larger than most: it has to be.\nimport { a } from './other.ts'\n${body}`)
  expect(tooLarge([sizeOf('long', file)])).toEqual([])
})
