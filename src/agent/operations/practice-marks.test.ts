import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { operationIdAt } from '../../../test/builders/operation-id.ts'
import { practiceMarks } from './practice-marks.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiercel-marks-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('what was half-written when an agent was killed is no mark, and is removed by the next one', async () => {
  const marks = practiceMarks(folder)
  const id = operationIdAt(1)
  await marks.leave('whole', id)
  writeFileSync(join(folder, 'half.new'), id.slice(0, 5))
  expect(await marks.list()).toEqual([{ mark: 'whole', operation: id }])
  await marks.tidy()
  expect(readdirSync(folder)).toEqual(['whole'])
})

test('where there was no mark yet, there is nothing to tidy', async () => {
  await practiceMarks(join(folder, 'none')).tidy()
  expect(readdirSync(folder)).toEqual([])
})
