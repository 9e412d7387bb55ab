import { z } from 'zod'
import { Instant } from './units.ts'

/** The days of the week as files name them, Monday first. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day is HH:MM: 22:00')

/** When background work may run, in the time of a place. */
export const Window = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'a name is letters, digits, `.`, `_`, `-`, at most 63')
      .describe('Short name, unique among the windows'),
    days: z
      .array(z.enum(weekdays))
      .min(1)
      .optional()
      .describe('The days on which it opens: mon, tue, …; every day where nothing is said'),
    from: clockTime.describe('When it opens, HH:MM'),
    to: clockTime.describe('When it closes, HH:MM; on the next day where that is earlier than `from`'),
    timezone: z
      .string()
      .refine(isTimeZone, 'a time zone is one of the IANA names: Europe/Berlin, UTC')
      .default('UTC')
      .describe('The IANA name of the place whose clocks it goes by: Europe/Berlin'),
  })
  .refine(({ from, to }) => from !== to, {
    path: ['to'],
    message: 'a window that closes when it opens is never closed: leave it away instead',
  })
export type Window = z.infer<typeof Window>

function isTimeZone(name: string): boolean {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId !== ''
  } catch {
    return false
  }
}

/**
 * Whether it is open at a moment, and until when that stays so. Clocks that are put forward or back do not confuse it: a time
 * that a day does not have counts as that much later, one that it has twice as the first of the two.
 */
export function windowAt(window: Window, at: Instant): { open: boolean; until: Instant } {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(window.timezone).toPlainDate()
  let openUntil: number | undefined
  // Yesterday's may be open still. With one day a week, the next is at most a week away, or two where a gap swallows one.
  for (let day = -1; day <= 15; day += 1) {
    const span = spanOn(window, today.add({ days: day }))
    if (span === undefined) continue
    if (openUntil === undefined) {
      if (at < span.opens) return { open: false, until: Instant.parse(span.opens) }
      if (at < span.closes) openUntil = span.closes
    } else if (span.opens <= openUntil) {
      openUntil = Math.max(openUntil, span.closes)
    } else break
  }
  return { open: openUntil !== undefined, until: Instant.parse(openUntil ?? at) }
}

/** From when to when it is open that opens on a day, in milliseconds; undefined where none does. */
function spanOn(window: Window, date: Temporal.PlainDate): { opens: number; closes: number } | undefined {
  const { days, from, to, timezone } = window
  const weekday = weekdays[date.dayOfWeek - 1]
  if (days !== undefined && (weekday === undefined || !days.includes(weekday))) return undefined
  const moment = (day: Temporal.PlainDate, time: string) =>
    day.toZonedDateTime({ timeZone: timezone, plainTime: time }).epochMilliseconds
  const opens = moment(date, from)
  const closes = moment(to < from ? date.add({ days: 1 }) : date, to)
  return closes > opens ? { opens, closes } : undefined
}
