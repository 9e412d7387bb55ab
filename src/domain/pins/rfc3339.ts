/**
 * Seconds since 1970 of a time as Go writes it (`2026-11-23T07:30:01Z`, `…+01:00`, with or without a fraction, which is left
 * out); the text itself where it is no such time, so that two of them still compare.
 */
export function epochSeconds(text: string): number | string {
  const match = form.exec(text)
  if (match === null) return text
  const [, year, month, day, hour, minute, second, zone = 'Z'] = match
  const offset =
    zone === 'Z' ? 0 : (zone[0] === '-' ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)))
  return (
    daysSince1970(Number(year), Number(month), Number(day)) * 86_400 +
    Number(hour) * 3600 +
    (Number(minute) - offset) * 60 +
    Number(second)
  )
}

const form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** In the Gregorian calendar, counting years from March, so that a leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const from = month > 2 ? year : year - 1
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return from * 365 + Math.floor(from / 4) - Math.floor(from / 100) + Math.floor(from / 400) + dayOfYear - 719_468
}
