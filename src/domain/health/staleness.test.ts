import { expect, test } from 'vitest'
import { before, now, reading } from '../../../test/builders/readings.ts'
import { milliseconds, seconds } from '../units.ts'
import { isStale, staleAfter } from './staleness.ts'

test('a look may be three periods old, or one period and two deadlines', () => {
  expect(staleAfter({ every: seconds(5), deadline: seconds(2) })).toBe(15_000)
  expect(staleAfter({ every: seconds(10), deadline: seconds(20) })).toBe(50_000)
})

test('it is stale only when older than that', () => {
  const good = reading('zpool list', [], now, seconds(10))
  const aged = (age: number) => ({ ...good, last: { value: [], at: before(now, milliseconds(age)), took: seconds(1) } })
  expect(isStale(aged(50_000), now)).toBe(false)
  expect(isStale(aged(50_001), now)).toBe(true)
  expect(isStale({ ...good, last: null }, now)).toBe(false)
})
