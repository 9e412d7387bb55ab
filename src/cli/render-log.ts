import { explain } from '../domain/errors.ts'
import type { LogEntry, LogGap, LogLevel } from '../domain/logs/log.ts'
import type { MergedLog } from '../domain/logs/merge.ts'
import { durationText } from '../domain/text-units.ts'
import { milliseconds } from '../domain/units.ts'
import { printable, styled, type Terminal } from './terminal.ts'
import { iso } from './times.ts'

type Style = Parameters<typeof styled>[1]

const styles: Record<LogLevel, Style | undefined> = {
  critical: ['red', 'bold'],
  error: 'red',
  warning: 'yellow',
  notice: undefined,
  info: undefined,
  debug: 'dim',
}

/** What a message is shown with: which host it is of, and of which source where several were asked for. */
export interface Place {
  host: string
  source: string | undefined
}

/** One message as lines of a screen: time, place, level, text; its further lines stand under it. */
export function renderEntry(entry: LogEntry, place: Place, terminal: Terminal, late: boolean): string[] {
  const { at, level, store, from, text, cut } = entry
  const where = [place.host, store ?? (from === 'kernel' ? undefined : from)].filter((part) => part !== undefined)
  const [first = '', ...more] = plain(text).split('\n').map(printable)
  const tail = cut === 0 ? '' : ` … (${cut} more characters)`
  const lines = [first, ...more.map((line) => `    | ${line}`)]
  lines[lines.length - 1] += tail
  const head = [
    `${iso(at)}${late ? ' (late)' : ''}`,
    printable(where.join('/')),
    ...(place.source === undefined ? [] : [place.source]),
    level.padEnd(7),
  ].join(' ')
  lines[0] = `${head} ${lines[0] ?? ''}`.trimEnd()
  const style = styles[level]
  return style === undefined ? lines : lines.map((line) => styled(terminal, style, line))
}

/** What is missing, between the messages. */
export function renderGap({ at, missed, since, text }: LogGap, { host, source }: Place, terminal: Terminal): string {
  const count = missed === null ? 'messages may be' : missed === 1 ? '1 message is' : `${missed} messages are`
  const from = since === null ? '' : ` from ${iso(since)} on`
  const where = [host, source].filter((part) => part !== undefined).join(' ')
  return styled(terminal, 'magenta', `${iso(at)} ${where} GAP ${count} missing${from}: ${printable(text)}`)
}

/** What is told beside the messages, on stderr; undefined where there is nothing to tell. */
export function renderNotice(log: MergedLog): string | undefined {
  switch (log.kind) {
    case 'trouble': {
      const { text, hint } = log.trouble
      return `${log.stream}: ${text}${hint === undefined ? '' : ` (${hint})`}`
    }
    case 'skew': {
      const by = durationText(milliseconds(Math.abs(log.ahead)))
      return `${log.stream}: its clock is ${by} ${log.ahead > 0 ? 'ahead of' : 'behind'} ours; times are shown as it has them, the order is by ours`
    }
    case 'behind':
      return `${log.stream}: does not keep up; the others go on, and what it says comes late`
    case 'caught-up':
      return `${log.stream}: has caught up`
    case 'ended': {
      if (log.error === undefined) return undefined
      const hint = log.error instanceof Error && 'hint' in log.error ? log.error.hint : undefined
      return `${log.stream}: not read, or not to the end: ${explain(log.error)}${typeof hint === 'string' ? ` (${hint})` : ''}`
    }
    case 'item':
    case 'cursor': {
      break
    }
  }
  return undefined
}

/** One JSON document a line; undefined for what only a program of ours needs. */
export function logJson(log: MergedLog, host: string, source: string): Record<string, unknown> | undefined {
  const place = { host, source }
  switch (log.kind) {
    case 'item': {
      const { at, ...rest } = log.item
      const since = 'since' in rest && rest.since !== null ? { since: iso(rest.since) } : {}
      return { ...place, ...rest, at: iso(at), ...since, late: log.late }
    }
    case 'trouble':
      return { ...place, ...log.trouble }
    case 'skew':
      return { ...place, kind: 'skew', aheadMs: log.ahead }
    case 'behind':
    case 'caught-up':
      return { ...place, kind: log.kind }
    case 'ended':
      return { ...place, kind: 'ended', error: log.error === undefined ? null : explain(log.error) }
    case 'cursor': {
      break
    }
  }
  return undefined
}

/**
 * Without colours of its own, and without the time and level that Cluster and Kubo put before each message: both stand
 * before it already.
 */
function plain(text: string): string {
  return text
    .replace(colour, '')
    .replace(/^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)\t(?:DEBUG|INFO|WARN|ERROR|DPANIC|PANIC|FATAL)\t/, '')
    .replaceAll('\t', '  ')
    .trimEnd()
}

// oxlint-disable-next-line no-control-regex
const colour = /\u001b\[[0-9;]*m/g
