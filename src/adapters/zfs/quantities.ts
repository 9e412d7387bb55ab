import { Bytes, Duration, Instant, Share, days, hours, minutes, seconds } from '../../domain/units.ts'

const unitsOf1024 = ['', 'K', 'M', 'G', 'T', 'P', 'E', 'Z']

/**
 * A number as `zfs_nicenum` prints it: `1.58K`, `0B`, `119M`, or exact (`100980`). Two or three digits are all that a
 * humanised one has. Other locales print a decimal comma. Undefined when it is no number.
 */
export function humanNumber(text: string): number | undefined {
  if (text.length > 32) return undefined
  const match = /^(\d+)(?:[.,](\d+))?([KMGTPEZ]?)B?$/.exec(text)
  if (match === null) return undefined
  const [, whole = '', fraction = '', unit = ''] = match
  return Math.round(Number(`${whole}.${fraction === '' ? '0' : fraction}`) * 1024 ** unitsOf1024.indexOf(unit))
}

/** The same as a byte count; undefined also beyond 2^53, where it would no longer be exact to the byte. */
export function humanBytes(text: string): Bytes | undefined {
  const bytes = humanNumber(text)
  return Number.isSafeInteger(bytes) ? Bytes.parse(bytes) : undefined
}

/** `16.91%`, `11,29%`, `100.33%` as a share, clamped to 1; undefined for `nan%`. */
export function percentShare(text: string): Share | undefined {
  const match = /^(\d{1,9})(?:[.,](\d{1,9}))?%?$/.exec(text)
  return match === null ? undefined : Share.parse(Math.min(1, Number(`${match[1]}.${match[2] ?? '0'}`) / 100))
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * `Mon Nov 23 02:38:50 2026`, as ctime(3) prints it, read as UTC: we run every program with TZ=UTC. Undefined when it is
 * no such date, or names a zone other than UTC: nobody can say which moment `CET` or `IST` is.
 */
export function ctime(text: string): Instant | undefined {
  if (text.length > 64) return undefined
  const match = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (?:(?:UTC|GMT) )?(\d{4})$/.exec(
    text,
  )
  if (match === null) return undefined
  const month = months.indexOf(match[1] ?? '')
  if (month < 0) return undefined
  const [day, hour, minute, second, year] = match.slice(2).map(Number)
  return Instant.parse(Date.UTC(year ?? 0, month, day, hour, minute, second))
}

/** The same moment the other way round, for notes that JSON gives as numbers and text as a date. */
export function ctimeText(instant: Instant): string {
  const date = new Date(instant)
  const weekday = date.toUTCString().slice(0, 3)
  const month = months[date.getUTCMonth()]
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  return `${weekday} ${month} ${String(date.getUTCDate()).padStart(2, ' ')} ${time} ${date.getUTCFullYear()}`
}

/** `00:00:08`, `1 days 14:05:30` to the second; undefined for the older `1h18m`, see {@link roughDuration}. */
export function exactDuration(text: string): Duration | undefined {
  const match = /^(?:(\d{1,7}) days )?(\d{1,7}):(\d{2}):(\d{2})$/.exec(text)
  if (match === null) return undefined
  const [inDays = 0, inHours = 0, inMinutes = 0, inSeconds = 0] = match.slice(1).map((part) => Number(part ?? 0))
  return Duration.parse(days(inDays) + hours(inHours) + minutes(inMinutes) + seconds(inSeconds))
}

/** The same, and `547h25m` as releases before 0.8 print it. */
export function roughDuration(text: string): Duration | undefined {
  const match = /^(\d{1,7})h(\d{1,2})m$/.exec(text)
  return match === null
    ? exactDuration(text)
    : Duration.parse(hours(Number(match[1] ?? 0)) + minutes(Number(match[2] ?? 0)))
}

const two = (value: number): string => String(value).padStart(2, '0')
