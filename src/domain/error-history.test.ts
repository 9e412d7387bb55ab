import { expect, test } from 'vitest'
import { trendOf } from './error-history.ts'
import { Instant } from './units.ts'

const hour = 3_600_000
const now = Instant.parse(100 * hour)
/** Counts at so many hours before now. */
const history = (...samples: [hoursAgo: number, errors: number][]) => ({
  samples: samples.map(([ago, errors]) => ({
    at: Instant.parse(now - ago * hour),
    counts: errors === 0 ? {} : { 'p/sda': { errors, slowIos: 0 } },
  })),
})
const trend = (...samples: [number, number][]) => trendOf(history(...samples), 'p/sda', now)

test('counts that stand still have no steps', () => {
  expect(trend([25, 12], [24, 12], [1, 12], [0, 12])).toMatchObject({ steps: 0, grown: 0, watched: 25 * hour })
})

test('each part of the day with growth is a step', () => {
  expect(trend([5, 0], [4, 3], [3, 3], [2, 9], [0, 10])).toMatchObject({ steps: 3, grown: 10, lastGrowth: now })
})

test('growth of more than a day ago does not count', () => {
  expect(trend([30, 0], [25, 8], [20, 8], [0, 8])).toMatchObject({ steps: 0, grown: 0 })
})

test('a count that went down was cleared; what stands there has come since', () => {
  expect(trend([5, 40], [4, 0], [3, 2], [0, 2])).toMatchObject({ steps: 1, grown: 2 })
})

test('nothing watched, nothing known', () => {
  expect(trend()).toMatchObject({ watched: 0, steps: 0 })
  expect(trendOf(history([1, 5]), 'constructor', now)).toMatchObject({ steps: 0 })
})
