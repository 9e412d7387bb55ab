import { durationText } from '../domain/text-units.ts'
import { age, type Instant } from '../domain/units.ts'

/** ECMAScript, Time Values: beyond ±8.64e15 ms there are no dates, and a host can send any number. */
const latestDate = 8.64e15

export const iso = (instant: Instant): string =>
  new Date(Math.max(-latestDate, Math.min(latestDate, instant))).toISOString()

/** `2026-11-24 03:00 UTC`: for sentences. */
export const minuteText = (instant: Instant): string => `${iso(instant).slice(0, 16).replace('T', ' ')} UTC`

/** `2026-11-24 03:00:17 UTC`: above what changes. */
export const secondText = (instant: Instant): string => `${iso(instant).slice(0, 19).replace('T', ' ')} UTC`

/** `2026-11-24 03:00 UTC (in 3.5 h)`. */
export const untilText = (instant: Instant, now: Instant): string =>
  `${minuteText(instant)} (in ${durationText(age(now, instant))})`

/** `since 02:14 UTC` today, `since 2026-11-24 03:00 UTC` before. */
export const sinceText = (since: Instant, now: Instant): string =>
  iso(since).slice(0, 10) === iso(now).slice(0, 10)
    ? `since ${iso(since).slice(11, 16)} UTC`
    : `since ${minuteText(since)}`
