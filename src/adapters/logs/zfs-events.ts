import { UnexpectedOutput } from '../../domain/errors.ts'
import type { LogLevel } from '../../domain/logs/log.ts'
import { Instant } from '../../domain/units.ts'

/** One event of ZFS, as the kernel keeps it until some hundred newer ones have pushed it out. */
export interface ZfsEvent {
  /** Counts from 1 since the module was loaded, without gaps. */
  eid: number
  at: Instant
  /** `ereport.fs.zfs.checksum` */
  class: string
  pool: string | null
  level: LogLevel
  text: string
}

/**
 * The events of `zpool events -H -v` (OpenZFS 2.1 to 2.4), oldest first. The time in the heading is local and is not read;
 * the payload has it in UTC. Throws UnexpectedOutput on an event without class, time or number.
 */
export function parseZfsEvents(output: string): ZfsEvent[] {
  const events: ZfsEvent[] = []
  let block: string[] = []
  const finish = (): void => {
    if (block.length > 0) events.push(readEvent(block))
    block = []
  }
  for (const line of output.split('\n')) {
    if (/^dropped \d+ events$/.test(line)) continue // the gap in the numbers says it too
    if (isHeading(line)) finish()
    if (line !== '') block.push(line)
  }
  finish()
  return events.toSorted((a, b) => a.eid - b.eid)
}

/** `Nov 23 2026 02:38:07.524000000<TAB>sysevent.fs.zfs.pool_create` */
const isHeading = (line: string): boolean => /^\w{3} [ \d]\d \d{4} \d\d:\d\d:\d\d\.\d+\t\S+$/.test(line)

function readEvent(block: readonly string[]): ZfsEvent {
  const fields = readFields(block.slice(1))
  const className = fields.get('class')
  const time = /^0x(?<seconds>[0-9a-f]+) 0x(?<nanoseconds>[0-9a-f]+)$/.exec(fields.get('time') ?? '')?.groups
  const eid = Number.parseInt(/^0x([0-9a-f]{1,13})$/.exec(fields.get('eid') ?? '')?.[1] ?? '', 16)
  if (className === undefined || time === undefined || Number.isNaN(eid)) {
    throw new UnexpectedOutput('an event of zpool events -v is not understood', block.join('\n'))
  }
  const { seconds = '', nanoseconds = '' } = time
  const at = Number.parseInt(seconds, 16) * 1000 + Math.floor(Number.parseInt(nanoseconds, 16) / 1e6)
  const read = Instant.safeParse(at)
  if (!read.success) throw new UnexpectedOutput('the time of an event is no time', block.join('\n'))
  return {
    eid,
    at: read.data,
    class: className,
    pool: fields.get('pool') ?? null,
    level: levelOf(className, fields),
    text: textOf(className, fields),
  }
}

/** `key = value` by lines; strings in quotes lose them. What is nested inside a value is left out. */
function readFields(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>()
  let depth = 0
  let last: string | undefined
  for (const line of lines) {
    const { key, value = '' } = /^\s+(?<key>\w+) = ?(?<value>.*?) ?$/.exec(line)?.groups ?? {}
    if (/^\s*\(end \w+\)$/.test(line)) depth -= 1
    else if (/^\(embedded nvlist\)|^\(array of embedded nvlists\)/.test(value)) depth += 1
    else if (depth > 0) continue
    else if (key !== undefined && !fields.has(key)) {
      fields.set(key, value.replace(/^"(.*)"$/, '$1'))
      last = key
    } else if (last !== undefined) {
      // A string of several lines: only its first has a key.
      fields.set(last, `${fields.get(last) ?? ''}\n${line}`.replace(/^"|"$/g, ''))
    }
  }
  return fields
}

function levelOf(className: string, fields: ReadonlyMap<string, string>): LogLevel {
  if (className.endsWith('.io_failure')) return 'critical'
  // A disk that is slow, or that raidz does without for a while (2.4), has lost nothing.
  if (className.startsWith('ereport.')) return /\.(?:delay|sitout)$/.test(className) ? 'warning' : 'error'
  if (className === 'resource.fs.zfs.statechange') {
    const state = stateWord(fields.get('vdev_state')) ?? ''
    if (['FAULTED', 'UNAVAIL', 'CANT_OPEN', 'DEGRADED', 'REMOVED'].includes(state)) return 'error'
    return 'notice'
  }
  if (className.startsWith('resource.')) return 'warning'
  return className.endsWith('.history_event') || className.endsWith('.config_sync') ? 'info' : 'notice'
}

/** What of an event a person looks for first, in this order. */
const told: readonly [key: string, as: string][] = [
  ['history_internal_name', ''],
  ['history_dsname', ''],
  ['history_internal_str', ''],
  ['vdev_path', 'disk'],
  ['vdev_type', 'kind'],
  ['vdev_state', 'state'],
  ['vdev_laststate', 'was'],
  ['vdev_read_errors', 'read errors'],
  ['vdev_write_errors', 'write errors'],
  ['vdev_cksum_errors', 'checksum errors'],
  ['zio_err', 'errno'],
  ['zio_objset', 'objset'],
  ['zio_object', 'object'],
  ['zio_offset', 'offset'],
  ['zio_size', 'size'],
]

function textOf(className: string, fields: ReadonlyMap<string, string>): string {
  const parts = told.flatMap(([key, as]) => {
    const value = fields.get(key)
    if (value === undefined || value === '') return []
    const shown = stateWord(value) ?? decimal(value)
    return [as === '' ? shown : `${as}=${shown}`]
  })
  return [className, ...parts].join(' ')
}

/** `"FAULTED" (0x5)` is FAULTED. */
const stateWord = (value: string | undefined): string | undefined => /^"(\w+)" \(0x[0-9a-f]+\)$/.exec(value ?? '')?.[1]

const decimal = (value: string): string => (/^0x[0-9a-f]+$/.test(value) ? BigInt(value).toString() : value)
