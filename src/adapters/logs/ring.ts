import { isError, type LogEntry, type LogGap, type LogItem, type LogQuery } from '../../domain/logs/log.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import { type Duration, Instant } from '../../domain/units.ts'
import type { Progress } from './progress.ts'

/** A message in a ring of the kernel's, with its number. */
export interface RingRecord extends Omit<LogEntry, 'kind' | 'cursor'> {
  number: number
  /** Counts, and is not given. */
  isHidden?: boolean
}

/** The kernel keeps the newest messages in memory, numbered without gaps, and throws the oldest away. */
export interface Ring {
  /** `events of ZFS`: for sentences. */
  what: string
  /** The number of the very first one. */
  first: number
  /** All that is there, oldest first. */
  read(signal: AbortSignal): Promise<readonly RingRecord[]>
  /** Names this start of the machine: numbers begin anew with each. */
  bootId: string
  /** How often to look for new ones. */
  every: Duration
  clock: Clock
}

const cursorShape = /^b=(?<boot>[0-9a-f-]{1,40});n=(?<number>\d{1,15});t=(?<time>\d{1,15})$/

export const isRingCursor = (cursor: string): boolean => cursorShape.test(cursor)

interface Place {
  boot: string
  number: number
  time: Instant
}

function placeOf(cursor: string): Place | undefined {
  const { boot, number, time } = cursorShape.exec(cursor)?.groups ?? {}
  if (boot === undefined) return undefined
  return { boot, number: Number(number), time: Instant.parse(Number(time)) }
}

/** The messages of a ring, and what it has thrown away before we came, by count. Looks again and again to follow. */
export async function* readRing(
  ring: Ring,
  query: LogQuery,
  progress: Progress,
  signal: AbortSignal,
): AsyncGenerator<LogItem, void, undefined> {
  const { clock, bootId, every } = ring
  let last = query.cursor === undefined ? undefined : placeOf(query.cursor)
  progress.cursor = query.cursor ?? null
  let isFirstLook = true
  for (;;) {
    const lookedAt = clock.now()
    const records = await ring.read(signal)
    const [oldest] = records
    const newest = records.at(-1)
    // A lower number on the same start: the module was loaded anew.
    const isAnew = last !== undefined && (last.boot !== bootId || (newest !== undefined && newest.number < last.number))
    if (last !== undefined && isAnew) {
      yield anew(ring, last.time, oldest?.at ?? lookedAt)
      last = { boot: bootId, number: ring.first - 1, time: last.time }
    }
    if (
      isFirstLook &&
      last === undefined &&
      oldest !== undefined &&
      oldest.number > ring.first &&
      oldest.at > (query.since ?? 0)
    ) {
      yield beforeRing(ring, query.since, oldest.at)
    }
    for (const { number, isHidden = false, ...message } of records) {
      if (last !== undefined && number <= last.number) continue
      const cursor = `b=${bootId};n=${number};t=${message.at}`
      if (last !== undefined && number > last.number + 1) yield overflow(ring, last, { number, at: message.at })
      last = { boot: bootId, number, time: message.at }
      progress.cursor = cursor
      if (!isHidden && isWanted(message, query)) yield { kind: 'entry', ...message, cursor }
    }
    progress.upTo = lookedAt
    isFirstLook = false
    if (!query.follow || signal.aborted) return
    await pause(clock, every, signal)
    if (signal.aborted) return
  }
}

/** With a cursor, what comes after it is wanted, whatever its time. */
function isWanted(message: Pick<RingRecord, 'at' | 'level'>, query: LogQuery): boolean {
  if (query.cursor === undefined && message.at < (query.since ?? 0)) return false
  if (query.until !== undefined && message.at > query.until) return false
  return !query.errors || isError(message)
}

const overflow = ({ what }: Ring, last: Place, next: { number: number; at: Instant }): LogGap => ({
  kind: 'gap',
  at: next.at,
  missed: next.number - last.number - 1,
  since: last.time,
  text: `${next.number - last.number - 1} ${what} came so fast that the kernel has thrown them away unread`,
  cursor: null,
})

const anew = ({ what }: Ring, since: Instant, at: Instant): LogGap => ({
  kind: 'gap',
  at: Instant.parse(Math.max(since, at)),
  missed: null,
  since,
  text: `the host, or its ZFS module, was started anew: ${what} from before that are gone`,
  cursor: null,
})

const beforeRing = ({ what }: Ring, since: Instant | undefined, at: Instant): LogGap => ({
  kind: 'gap',
  at,
  missed: null,
  since: since ?? null,
  text: `the kernel no longer holds ${what} from before this`,
  cursor: null,
})

function pause(clock: Clock, every: Duration, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      callOff()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const callOff = clock.after(every, end)
    signal.addEventListener('abort', end, { once: true })
  })
}
