import { expect, test } from 'vitest'
import { Instant } from '../../domain/units.ts'
import { ctime, ctimeText, exactDuration, humanBytes, humanNumber, percentShare, roughDuration } from './quantities.ts'

test.each([
  ['0', 0],
  ['0B', 0],
  ['336', 336],
  ['100980', 100_980],
  ['1.58K', 1618],
  ['6.30M', 6_606_029],
  ['1,5G', 1_610_612_736],
  ['144T', 158_329_674_399_744],
])('%s is %d', (text, value) => {
  expect(humanNumber(text)).toBe(value)
})

test.each(['', '-', 'x', '1.5Q', '-1', '1 K', '1e9', '1.2.3K', '9'.repeat(40)])('%j is no number', (text) => {
  expect(humanNumber(text)).toBeUndefined()
})

test('bytes beyond 2^53 are not told', () => {
  expect(humanBytes('8.00P')).toBeUndefined()
  expect(humanBytes('7.99P')).toBeDefined()
})

test('percents are clamped, nan is nothing', () => {
  expect(['16.91', '11,29', '100.33%', '-nan', 'nan%'].map((text) => percentShare(text))).toEqual([
    0.1691,
    expect.closeTo(0.1129),
    1,
    undefined,
    undefined,
  ])
})

test.each(['Mon Nov 23 02:38:50 2026', 'Tue Nov  6 22:47:38 2012', 'Thu Feb 29 23:59:59 2024'])(
  '%s is the same written out again',
  (text) => {
    const instant = ctime(text)
    expect(instant === undefined ? undefined : ctimeText(instant)).toBe(text)
  },
)

test('dates are in UTC, or not known', () => {
  expect(ctime('Mon Nov 23 02:38:50 2026')).toBe(Date.UTC(2026, 10, 23, 2, 38, 50))
  expect(ctime('Mon Nov 23 02:38:50 UTC 2026')).toBe(Date.UTC(2026, 10, 23, 2, 38, 50))
  expect(
    ['Mon Nov 23 02:38:50 CET 2026', 'lun. nov. 23 02:38:50 2026', 'Mon Foo 23 02:38:50 2026', ''].map((text) =>
      ctime(text),
    ),
  ).toEqual([undefined, undefined, undefined, undefined])
  expect(ctimeText(Instant.parse(0))).toBe('Thu Jan  1 00:00:00 1970')
})

test('durations', () => {
  expect(exactDuration('00:00:08')).toBe(8000)
  expect(exactDuration('1 days 14:05:30')).toBe(137_130_000)
  expect(exactDuration('14h57m')).toBeUndefined()
  expect(roughDuration('547h25m')).toBe((547 * 60 + 25) * 60_000)
  expect(roughDuration('soon')).toBeUndefined()
})
