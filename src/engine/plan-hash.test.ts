import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../domain/canonical-json.ts'
import { planDifference, planHash } from './plan-hash.ts'

test('the order of keys makes no difference, and everything else does', () => {
  expect(planHash('p', { a: 1, b: [2, { c: null }] })).toBe(planHash('p', { b: [2, { c: null }], a: 1 }))
  expect(planHash('p', { a: 1 })).not.toBe(planHash('q', { a: 1 }))
  expect(planHash('p', [1, 2])).not.toBe(planHash('p', [2, 1]))
})

test('names each place that differs, with what it was and is', () => {
  const before = { pools: [{ name: 'hot', guid: '1' }], errorsOnly: false }
  const after = { pools: [{ name: 'hot', guid: '2' }], errorsOnly: false }
  expect(planDifference(before, after)).toEqual(['pools.0.guid: "1" is now "2"'])
  expect(planDifference({ a: 1 }, { a: 1, b: 2 })).toEqual(['b: absent is now 2'])
  expect(planDifference([1], { a: 1 })).toEqual(['the plan: [1] is now {"a":1}'])
})

test('two plans differ exactly when their hashes do', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      const [a, b] = [JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other))]
      expect(planHash('p', a) === planHash('p', b)).toBe(canonicalJson(a) === canonicalJson(b))
      expect(planDifference(a, b).length === 0).toBe(canonicalJson(a) === canonicalJson(b))
    }),
  )
})
