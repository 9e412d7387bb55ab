import type { LogLevel } from './log.ts'

/** The level for a priority of syslog(3), 0 (emergency) to 7 (debug). */
export function levelOfPriority(priority: number): LogLevel {
  return byPriority[priority] ?? 'info'
}

const byPriority: readonly LogLevel[] = [
  'critical',
  'critical',
  'critical',
  'error',
  'warning',
  'notice',
  'info',
  'debug',
]

/**
 * The level that a message of Cluster or Kubo names itself: systemd gives whatever they print the priority of info. Seen of
 * ipfs-cluster 1.1.6 and Kubo 0.43 (test/fixtures/systemd-252): `TIME<TAB>ERROR<TAB>…`, and `{"level":"error",…}` with
 * GOLOG_LOG_FMT=json; `ts=… level=error …` is the text form of Go's slog (go-libp2p 0.44 without go-log). A daemon that dies does so in words of the Go runtime, without a level.
 */
export function ownLevel(text: string): LogLevel | undefined {
  const plain = text.slice(0, 300).replace(colour, '')
  const [word] = [json, console, slog].flatMap((form) => form.exec(plain)?.groups?.['level'] ?? [])
  if (word !== undefined) return words[word.toUpperCase()]
  if (/^(panic|fatal error): /.test(plain)) return 'critical'
  return /^error:? /i.test(plain) ? 'error' : undefined
}

/** The graver of what the journal and what the message itself says; a plain priority of info gives way to the message. */
export function levelOfMessage(priority: number, text: string): LogLevel {
  const own = ownLevel(text)
  const given = levelOfPriority(priority)
  if (own === undefined) return given
  return priority >= 5 || rank(own) < rank(given) ? own : given
}

const rank = (level: LogLevel): number => byPriority.indexOf(level)

// oxlint-disable-next-line no-control-regex
const colour = /\u001b\[[0-9;]*m/g
const json = /^\{(?:.*[,{])?\s*"level"\s*:\s*"(?<level>[A-Za-z]+)"/
const slog = /^(?:ts|time)=\S+ level=(?<level>[A-Za-z]+)/
const console = /^(?:\d[\d:.TZ+-]*[ \t]+)?(?<level>DEBUG|INFO|WARN|WARNING|ERROR|DPANIC|PANIC|FATAL)(?=[ \t])/

const words: Record<string, LogLevel> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warning',
  WARNING: 'warning',
  ERROR: 'error',
  DPANIC: 'critical',
  PANIC: 'critical',
  FATAL: 'critical',
}
