import { expect, test } from 'vitest'
import { bench } from '../../../test/builders/fleet-view.ts'
import { judge } from './judge.ts'
import { poolsIn } from './pools-of-host.ts'
import { answered } from './view.ts'
import { madeOnce, whileJudging } from './while-judging.ts'

test('while a view is judged, everybody gets the same list, which nobody can change; afterwards nothing is kept', () => {
  const { view } = bench()
  whileJudging(() => {
    expect(poolsIn(view)).toBe(poolsIn(view))
    expect(answered(view)).toBe(answered(view))
    expect(() => answered(view).pop()).toThrow(TypeError)
  })
  expect(answered(view)).not.toBe(answered(view))
})

test('a view that is changed after it was judged is judged as it is', () => {
  const { view, n1 } = bench()
  const before = judge(view).findings.length
  Object.assign(n1.sda, { state: 'FAULTED' })
  expect(judge(view).findings.length).toBeGreaterThan(before)
})

test('nothing is kept of a view whose judging failed', () => {
  const of = { value: 1 }
  const listOf = madeOnce(({ value }: { value: number }) => [value])
  expect(() =>
    whileJudging(() => {
      listOf(of)
      throw new Error('a check broke')
    }),
  ).toThrow('a check broke')
  of.value = 2
  expect(listOf(of)).toEqual([2])
  expect(whileJudging(() => listOf(of))).toEqual([2])
})
