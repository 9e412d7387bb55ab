import { expect, test } from 'vitest'
import { disk, poolStatus } from '../../test/builders/pool-status.ts'
import { now } from '../../test/builders/readings.ts'
import { Instant } from '../domain/units.ts'
import { errorHistoryKeeper } from './error-history.ts'

const hour = 3_600_000
const at = (hours: number) => Instant.parse(now + hours * hour)
const status = (readErrors: number) => [poolStatus('p', [disk('sda', { readErrors }), disk('sdb')])]

test('nothing is there before the first look', () => {
  expect(errorHistoryKeeper().history()).toEqual({ samples: [] })
})

test('one sample an hour is kept, and the newest; for a day, with the one before it', () => {
  const keeper = errorHistoryKeeper()
  for (let minute = 0; minute <= 60 * 40; minute += 1) keeper.note(status(minute), at(minute / 60))
  keeper.note(status(9999), at(40.5))
  const { samples } = keeper.history()
  expect(samples.length).toBeLessThanOrEqual(27)
  expect(samples.map((sample) => (sample.at - now) / hour)).toEqual([
    ...Array.from({ length: 25 }, (_, index) => index + 16),
    40.5,
  ])
  expect(samples.at(-1)?.counts).toEqual({ 'p/sda': { errors: 9999, slowIos: 0 } })
})

test('disks without errors take no room; those with errors are bounded', () => {
  const keeper = errorHistoryKeeper()
  keeper.note(status(0), at(0))
  expect(keeper.history().samples).toEqual([{ at: now, counts: {} }])
  const many = Array.from({ length: 500 }, (_, index) => disk(`d${index}`, { writeErrors: 1 }))
  keeper.note([poolStatus('p', many)], at(1))
  expect(Object.keys(keeper.history().samples.at(-1)?.counts ?? {})).toHaveLength(200)
})

test('a clock that was set back begins anew', () => {
  const keeper = errorHistoryKeeper()
  keeper.note(status(1), at(0))
  keeper.note(status(2), at(-30))
  expect(keeper.history().samples).toHaveLength(1)
})

test('a sit-out, which ZFS counts as a slow I/O, is none (2.4)', () => {
  const keeper = errorHistoryKeeper()
  const look = (minutes: number, slowIos: number, sitsOut = false) => {
    const sda = disk('sda', { slowIos, ...(sitsOut ? { sitsOut } : {}) })
    keeper.note([poolStatus('p', [sda, disk('sdb')])], at(minutes / 60))
    return keeper.history().samples.at(-1)?.counts['p/sda']?.slowIos ?? 0
  }
  expect(look(0, 0)).toBe(0)
  // Two looks at one sit-out, its end, a real slow I/O, another sit-out; then the counts are cleared.
  expect([look(1, 1, true), look(2, 1, true), look(12, 1)]).toEqual([0, 0, 0])
  expect([look(13, 2), look(14, 3, true), look(25, 3)]).toEqual([1, 1, 1])
  expect([look(26, 0), look(27, 1)]).toEqual([0, 1])
})
