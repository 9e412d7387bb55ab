import { expect, test } from 'vitest'
import { bench } from '../../../../test/builders/fleet-view.ts'
import { before, now } from '../../../../test/builders/readings.ts'
import type { PinsetSummary } from '../../pins/pinset-summary.ts'
import { days, hours, minutes } from '../../units.ts'
import { pinsetDiverged } from './pinset-diverged.ts'

/** The bench, with the pinset of n2 changed. The clock of n2 is a day behind. */
function found(change: (summary: PinsetSummary) => void) {
  const { view, n2 } = bench()
  if (n2.store.pinset.last !== null) change(n2.store.pinset.last.value)
  return pinsetDiverged.find(view)
}
const other = 'f'.repeat(32)
const onN2 = (by: Parameters<typeof before>[1]) => before(before(now, days(1)), by)

test('two pinsets that held still for long and differ have diverged', () => {
  const [finding] = found((summary) => Object.assign(summary, { digest: other, pins: 998 }))
  expect(finding).toMatchObject({ severity: 'warning', subject: 'n2/hot/peer' })
  expect(finding?.summary).toContain('another pinset (2 fewer) than n1/hot')
  expect(finding?.summary).toContain('24 h')
  expect(finding?.evidence.map(({ value }) => value)).toEqual([
    '998 pins, sum ffffffffffffffff',
    '1000 pins, sum 0123456789abcdef',
  ])
})

test('equal pinsets are none', () => {
  expect(found(() => undefined)).toEqual([])
})

test('what has just changed on one side is on its way', () => {
  expect(found((summary) => Object.assign(summary, { digest: other, digestSince: onN2(minutes(2)) }))).toEqual([])
})

test('a list that was read before the other changed tells nothing', () => {
  const read = { readAt: onN2(hours(25)), digestSince: onN2(hours(50)) }
  expect(found((summary) => Object.assign(summary, { digest: other, ...read }))).toEqual([])
})

test('a list that could not be read again is not judged by', () => {
  const { view, n2 } = bench()
  if (n2.store.pinset.last !== null) n2.store.pinset.last.value.digest = other
  expect(pinsetDiverged.find(view)).toHaveLength(1)
  const trouble = { kind: 'failed' as const, message: 'cut', since: now, at: now }
  n2.store.pinset.trouble = trouble
  expect(pinsetDiverged.find(view)).toEqual([])
})
