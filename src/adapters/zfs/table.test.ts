import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { UnexpectedOutput } from '../../domain/errors.ts'
import { accept, readRows, rows, shareOrNull, whole, wholeOrNull } from './table.ts'

describe('rows', () => {
  test('names the cells, and keeps blanks in them', () => {
    expect(rows('a b\t1\nc\t\n', ['name', 'size'])).toEqual([
      { name: 'a b', size: '1' },
      { name: 'c', size: '' },
    ])
  })

  test('no output is no row', () => {
    expect(rows('', ['name'])).toEqual([])
  })

  test.each(['a\n', 'a\t1\t2\n', '\n\ta\t1\t2\n'])('refuses %j, which has another number of cells', (stdout) => {
    expect(() => rows(stdout, ['name', 'size'])).toThrow(UnexpectedOutput)
  })
})

const read = (stdout: string) => readRows(stdout, ['name', 'size'], ({ name, size }) => `${name}=${size}`)

test('a row that is not understood loses no other, and is told', () => {
  expect(read('a\t1\nb\t2\n')).toEqual(['a=1', 'b=2'])
  expect(() => read('a\t1\nb\nc\t3\n')).toThrow(
    expect.objectContaining({ read: ['a=1', 'c=3'], raw: 'b', message: expect.stringContaining('1 of 3 rows') }),
  )
  expect(() => read('b\n')).toThrow(expect.not.objectContaining({ read: [] }))
})

test('accept refuses with the row and the reason', () => {
  const schema = z.object({ size: z.int() })
  expect(accept(schema, { size: 1 }, {})).toEqual({ size: 1 })
  expect(() => accept(schema, { size: Number.NaN }, { name: 'hot', size: 'x' })).toThrow(
    expect.objectContaining({ raw: '{"name":"hot","size":"x"}', message: expect.stringContaining('"hot": size') }),
  )
})

test('numbers are whole or none at all', () => {
  expect(whole('503316480')).toBe(503_316_480)
  expect(['', '-', '1.5', '1K', '0x1', ' 1'].map((text) => whole(text))).toEqual(Array(6).fill(Number.NaN))
  expect(['-', 'none', ''].map((text) => wholeOrNull(text))).toEqual([null, null, null])
})

test('shares are printed in percent, with and without the sign', () => {
  expect([shareOrNull('73'), shareOrNull('8%'), shareOrNull('120'), shareOrNull('-')]).toEqual([0.73, 0.08, 1, null])
  expect(shareOrNull('x')).toBeNaN()
})
