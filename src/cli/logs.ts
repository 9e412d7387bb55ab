import { once } from 'node:events'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { systemClock } from '../adapters/system/clock.ts'
import type { Fleet, HostDeclaration } from '../domain/fleet.ts'
import { type LogQuery, LogSource } from '../domain/logs/log.ts'
import { type LogStream, type MergedLog, mergeLogs } from '../domain/logs/merge.ts'
import type { Logs } from '../domain/ports/logs.ts'
import { DurationText } from '../domain/text-units.ts'
import { Instant, seconds } from '../domain/units.ts'
import { UsageError } from './errors.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { type Cursors, readCursors, writeCursors } from './log-cursors.ts'
import { known, repeatable } from './narrow-options.ts'
import { logJson, renderEntry, renderGap, renderNotice } from './render-log.ts'
import { printable, printableJson, type Terminal } from './terminal.ts'
import { openLogs } from './open-logs.ts'

interface LogsOptions extends FleetOption {
  follow?: true
  errors?: true
  since?: Instant
  until?: Instant
  host?: string[]
  store?: string[]
  cursor?: string
  json?: true
}

export function logsCommand(terminal: Terminal): Command {
  return new Command('logs')
    .description('What Cluster peers, Kubos, ZFS and kernels say, over the whole fleet, in the order of time')
    .addArgument(new Argument('<source...>', 'whose words, one or several').choices(LogSource.options))
    .addOption(fleetOption())
    .option('-f, --follow', 'go on with what comes, until Ctrl-C')
    .option('--errors', 'errors and worse only')
    .option(
      '--since <time>',
      'from when on: 30m, 2d, or 2026-11-24T03:00Z; 1h otherwise, and now with --follow',
      parseTime,
    )
    .option('--until <time>', 'up to when', parseTime)
    .addOption(repeatable('--host <host>', 'only this host'))
    .addOption(repeatable('--store <store>', 'only this store, on every host that has it'))
    .option('--cursor <file>', 'go on where this file says, and keep in it where we are')
    .option('--json', 'one JSON document a line, the last one with the cursors')
    .addHelpText(
      'after',
      `
Exit status: 0 all was read, 1 messages are missing at the source, 2 bad input, 3 a host was not read, or not to the end.

Examples:
  tiercel logs cluster kubo --errors --since 2h
  tiercel logs zfs --follow
  tiercel logs kernel --host n1 --since 2026-11-24T03:00Z --until 2026-11-24T03:10Z
  tiercel logs cluster --follow --json --cursor ~/cluster.cursor`,
    )
    .action(async (sources: LogSource[], options: LogsOptions) => {
      if (options.follow === true && options.until !== undefined) {
        throw new UsageError('--follow and --until exclude each other')
      }
      const { fleet, logsOf } = await openLogs(options.fleet)
      process.exitCode = await showLogs({ fleet, logsOf, sources: [...new Set(sources)], options }, terminal)
    })
}

/** A host that is silent holds up the others for this long. */
const patience = { following: seconds(3), reading: seconds(10) }

/** How often the file of cursors is written while we follow. */
const keepEveryMs = 5000

/** Shows logs to their end, or until Ctrl-C; the exit status comes back. */
async function showLogs(
  what: { fleet: Fleet; logsOf: (host: HostDeclaration) => Logs; sources: readonly LogSource[]; options: LogsOptions },
  terminal: Terminal,
): Promise<number> {
  const { options, sources } = what
  const cursors = options.cursor === undefined ? new Map<string, string>() : readCursors(options.cursor)
  const stop = new AbortController()
  const stopped = new Promise<undefined>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve(undefined))
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const asked = streamsOf(what, cursors, stop.signal)
  const follow = options.follow === true
  const merged = mergeLogs(asked.streams, {
    clock: systemClock,
    patience: follow ? patience.following : patience.reading,
  })
  let status = 0
  let keptAt = systemClock.now()
  for (;;) {
    // Ctrl-C does not wait for a slow host.
    const next = await Promise.race([merged.next(), stopped])
    if (next === undefined || next.done === true) break
    const log = next.value
    const { host = '', source = 'cluster' } = asked.places.get(log.stream) ?? {}
    show(log, { host, source, isOneSource: sources.length === 1 }, options, terminal)
    if (log.kind === 'cursor') cursors.set(log.stream, log.cursor)
    if (log.kind === 'item' && log.item.cursor !== null) cursors.set(log.stream, log.item.cursor)
    status = Math.max(status, statusOf(log))
    if (process.stdout.writableNeedDrain) await Promise.race([once(process.stdout, 'drain'), stopped])
    if (options.cursor !== undefined && systemClock.now() - keptAt > keepEveryMs) {
      writeCursors(options.cursor, cursors)
      keptAt = systemClock.now()
    }
  }
  stop.abort()
  tellCursors(cursors, options, terminal)
  return status
}

const statusOf = (log: MergedLog): number => {
  if (log.kind === 'ended' && log.error !== undefined) return 3
  if (log.kind === 'trouble') return 3
  return log.kind === 'item' && log.item.kind === 'gap' ? 1 : 0
}

function streamsOf(
  { fleet, logsOf, sources, options }: Parameters<typeof showLogs>[0],
  cursors: Cursors,
  signal: AbortSignal,
): { streams: LogStream[]; places: Map<string, { host: string; source: LogSource }> } {
  const names = known(
    'host',
    options.host,
    fleet.hosts.map(({ name }) => name),
  )
  const allStores = [...new Set(fleet.hosts.flatMap(({ stores }) => stores.map(({ name }) => name)))]
  const stores = known('store', options.store, allStores)
  const since =
    options.since ?? Instant.parse((options.until ?? systemClock.now()) - (options.follow === true ? 0 : seconds(3600)))
  const places = new Map<string, { host: string; source: LogSource }>()
  const streams = fleet.hosts
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .flatMap((host): LogStream[] => {
      const wanted = host.stores.map(({ name }) => name).filter((name) => stores.includes(name))
      if (stores.length > 0 && wanted.length === 0) return []
      const logs = logsOf(host)
      return sources.map((source) => {
        const name = `${host.name}/${source}`
        const cursor = cursors.get(name)
        places.set(name, { host: host.name, source })
        const query: LogQuery = {
          source,
          since,
          follow: options.follow === true,
          errors: options.errors === true,
          ...(options.until === undefined ? {} : { until: options.until }),
          ...(cursor === undefined ? {} : { cursor }),
          ...(wanted.length === 0 || source === 'kernel' ? {} : { stores: wanted }),
        }
        return { name, items: logs.read(query, signal) }
      })
    })
  return { streams, places }
}

function show(
  log: MergedLog,
  { host, source, isOneSource }: { host: string; source: LogSource; isOneSource: boolean },
  options: LogsOptions,
  terminal: Terminal,
): void {
  if (options.json === true) {
    const document = logJson(log, host, source)
    if (document !== undefined) terminal.write(printableJson(JSON.stringify(document)))
    return
  }
  const place = { host, source: isOneSource ? undefined : source }
  if (log.kind !== 'item') {
    const notice = renderNotice(log)
    if (notice !== undefined) terminal.error(printable(`tiercel: ${notice}`))
  } else if (log.item.kind === 'gap') {
    terminal.write(renderGap(log.item, place, terminal))
  } else {
    for (const line of renderEntry(log.item, place, terminal, log.late)) terminal.write(line)
  }
}

function tellCursors(cursors: Cursors, { cursor, json }: LogsOptions, terminal: Terminal): void {
  if (cursor !== undefined) writeCursors(cursor, cursors)
  if (json === true) {
    terminal.write(printableJson(JSON.stringify({ kind: 'cursors', cursors: Object.fromEntries(cursors) })))
  } else if (cursor !== undefined) {
    terminal.error(`tiercel: to go on from here: the same command, --cursor ${cursor}`)
  }
}

/** `30m`: that long ago; else a date and time, in UTC where it names no zone. */
function parseTime(text: string): Instant {
  const duration = DurationText.safeParse(text)
  if (duration.success) return Instant.parse(Math.round(systemClock.now() - duration.data))
  const shape = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text)
  const [, date = '', time = '00:00', zone = 'Z'] = shape ?? []
  const read = Instant.safeParse(Date.parse(`${date}T${time}${zone}`))
  if (shape === null || !read.success) {
    throw new InvalidArgumentError('A time is 30m, 2h, 3d (ago), or a date: 2026-11-24, 2026-11-24T03:00Z.')
  }
  return read.data
}
