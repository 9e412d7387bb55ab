import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Instant } from './units.ts'
import { weekdays, Window, windowAt } from './window.ts'

const at = (iso: string) => Instant.parse(Temporal.Instant.from(iso).epochMilliseconds)
const iso = (instant: Instant) => Temporal.Instant.fromEpochMilliseconds(instant).toString()
const window = (fields: Partial<Window>) =>
  Window.parse({ name: 'night', from: '22:00', to: '06:00', timezone: 'Europe/Berlin', ...fields })
const told = (fields: Partial<Window>, moment: string) => {
  const { open, until } = windowAt(window(fields), at(moment))
  return `${open ? 'open' : 'closed'} until ${iso(until)}`
}

describe('a window', () => {
  it.each([
    [{}, '2026-11-23T20:59:59Z', 'closed until 2026-11-23T21:00:00Z'],
    [{}, '2026-11-23T21:00:00Z', 'open until 2026-11-24T05:00:00Z'],
    [{}, '2026-11-24T04:59:59Z', 'open until 2026-11-24T05:00:00Z'],
    [{}, '2026-11-24T05:00:00Z', 'closed until 2026-11-24T21:00:00Z'],
    // Saturday: it is open into Sunday, and not again before the next one.
    [{ days: ['sat' as const] }, '2026-11-29T04:00:00Z', 'open until 2026-11-29T05:00:00Z'],
    [{ days: ['sat' as const] }, '2026-11-29T06:00:00Z', 'closed until 2026-12-05T21:00:00Z'],
    [{ from: '09:00', to: '17:00', timezone: 'UTC' }, '2026-11-23T12:00:00Z', 'open until 2026-11-23T17:00:00Z'],
  ])('%j at %s is %s', (fields, moment, expected) => {
    expect(told(fields, moment)).toBe(expected)
  })

  it('goes by the clocks of its place when they are put forward and back', () => {
    // 2026-03-29 02:00 → 03:00: the night is an hour shorter; 2026-10-25 03:00 → 02:00: an hour longer.
    expect(told({}, '2026-03-28T22:00:00Z')).toBe('open until 2026-03-29T04:00:00Z')
    expect(told({}, '2026-10-24T22:00:00Z')).toBe('open until 2026-10-25T05:00:00Z')
    // 02:15 is not on that day: it counts as 03:15, and what would close before that does not open.
    expect(told({ from: '02:15', to: '02:45' }, '2026-03-29T01:20:00Z')).toBe('open until 2026-03-29T01:45:00Z')
    expect(told({ from: '02:15', to: '03:10' }, '2026-03-29T00:30:00Z')).toBe('closed until 2026-03-30T00:15:00Z')
  })

  it.each([
    [{ from: '24:00' }, 'HH:MM'],
    [{ timezone: 'Europe/Bielefeld' }, 'IANA'],
    [{ from: '06:00' }, 'never closed'],
    [{ days: [] }, 'days'],
  ])('is refused as %j', (fields, why) => {
    const read = Window.safeParse({ name: 'night', from: '22:00', to: '06:00', ...fields })
    expect(read.success).toBe(false)
    expect(JSON.stringify(read.error?.issues)).toContain(why)
  })
})

describe('any window, at any moment, anywhere', () => {
  const minute = fc.integer({ min: 0, max: 1439 })
  const anyWindow = fc
    .record({
      from: minute,
      to: minute,
      days: fc.subarray([...weekdays], { minLength: 1 }),
      timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia'),
    })
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, ...rest }) => Window.parse({ name: 'w', from: time(from), to: time(to), ...rest }))
  const anyMoment = fc
    .integer({ min: 1_704_067_200_000, max: 1_798_761_600_000 }) // 2024-01-01 to 2027-01-01
    .map((value) => Instant.parse(value))

  it('says the same until the moment that it names, and the contrary right then', () => {
    fc.assert(
      fc.property(anyWindow, anyMoment, fc.double({ min: 0, max: 1, noNaN: true }), (some, moment, share) => {
        const { open, until } = windowAt(some, moment)
        expect(until).toBeGreaterThan(moment)
        const between = Instant.parse(Math.min(until - 1, Math.floor(moment + share * (until - moment))))
        expect(windowAt(some, between)).toEqual({ open, until })
        expect(windowAt(some, until).open).toBe(!open)
      }),
      { numRuns: 2000 },
    )
  })

  it('is open exactly where the clock of its place says so, away from days on which clocks are put', () => {
    fc.assert(
      fc.property(anyWindow, anyMoment, (some, moment) => {
        const here = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(some.timezone)
        fc.pre([-1, 0, 1].every((day) => here.add({ days: day }).hoursInDay === 24))
        const now = here.toPlainTime().toString({ smallestUnit: 'minute' })
        const opensOn = (day: Temporal.PlainDate) => some.days?.includes(weekdays[day.dayOfWeek - 1] ?? 'mon') ?? true
        const today = here.toPlainDate()
        const isOver = some.to < some.from
        const expected = isOver
          ? (opensOn(today) && now >= some.from) || (opensOn(today.subtract({ days: 1 })) && now < some.to)
          : opensOn(today) && now >= some.from && now < some.to
        expect(windowAt(some, moment).open).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })
})

function time(value: number): string {
  return `${String(Math.floor(value / 60)).padStart(2, '0')}:${String(value % 60).padStart(2, '0')}`
}
