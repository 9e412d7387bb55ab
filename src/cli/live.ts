import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError, type Command } from 'commander'
import type { FleetView } from '../domain/health/view.ts'
import { DurationText } from '../domain/text-units.ts'
import { type Duration, seconds } from '../domain/units.ts'
import { fleetOption, type FleetOption } from './fleet-option.ts'
import { tellSilent } from './noun-command.ts'
import { cut, picture, printable, printableJson, table, type Terminal } from './terminal.ts'
import { iso, secondText } from './times.ts'
import { openWorld } from './world.ts'

/** The options of commands that show figures as they change. */
export interface LiveOptions extends FleetOption {
  every?: Duration
  count?: number
  json?: true
}

export function addLiveOptions(command: Command): Command {
  return command
    .addOption(fleetOption())
    .option('--every <duration>', 'look again after this: 1s, 10s; until Ctrl-C, or --count', parseEvery)
    .option('--count <number>', 'end after so many looks', parseCount)
    .option('--json', 'as JSON, one document a line')
}

/** What one look shows. */
export interface Shown {
  header: readonly string[]
  rows: readonly (readonly string[])[]
  /** For `--json`; the time is added. */
  document: Record<string, unknown>
}

/**
 * Looks once, or again and again. On a terminal each picture takes the place of the one before; elsewhere lines follow
 * each other, each with its time. The exit status is that of the last look: 3 where a host did not answer.
 */
export async function live(
  options: LiveOptions,
  terminal: Terminal,
  show: (view: FleetView) => Shown,
): Promise<number> {
  const { reader } = await openWorld(options.fleet)
  try {
    return await liveOver(() => reader.look(), options, terminal, show)
  } finally {
    await reader.close()
  }
}

/** The same over anything that looks. */
export async function liveOver(
  look: () => Promise<FleetView>,
  { every, count = every === undefined ? 1 : Number.POSITIVE_INFINITY, json }: LiveOptions,
  terminal: Terminal,
  show: (view: FleetView) => Shown,
): Promise<number> {
  const stop = new AbortController()
  const stopped = new Promise<undefined>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve(undefined))
  })
  const end = () => stop.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
  let status = 0
  for (let number = 0; number < count && !stop.signal.aborted; number += 1) {
    if (number > 0) await sleep(every ?? seconds(5), undefined, { signal: stop.signal }).catch(() => undefined)
    // Ctrl-C does not wait for a slow host.
    const view = await Promise.race([look(), stopped])
    if (view === undefined || stop.signal.aborted) break
    const shown = show(view)
    const time = iso(view.at)
    const lasts = count > 1
    if (json === true) {
      terminal.write(printableJson(JSON.stringify({ at: time, ...shown.document })))
    } else if (lasts && terminal.isInteractive) {
      const all = [secondText(view.at), ...lines(shown)]
      terminal.write(
        picture(
          all.map((line) => cut(line, terminal.columns)),
          terminal,
        ),
      )
    } else {
      for (const line of lasts ? timed(shown, time, number === 0) : lines(shown)) terminal.write(line)
    }
    status = tellSilent(view, terminal)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, end)
  return status
}

const lines = ({ header, rows }: Shown): string[] =>
  table(
    header,
    rows.map((cells) => cells.map(printable)),
  )

/** With the time first, and the header only once: what follows can be cut and sorted. */
function timed({ header, rows }: Shown, time: string, withHeader: boolean): string[] {
  const all = lines({ header: ['TIME', ...header], rows: rows.map((cells) => [time, ...cells]), document: {} })
  return withHeader ? all : all.slice(1)
}

function parseEvery(text: string): Duration {
  const read = DurationText.safeParse(text)
  if (!read.success) throw new InvalidArgumentError('A duration is a number and one of ms, s, m, h, d: 1s, 10s.')
  if (read.data < seconds(1)) throw new InvalidArgumentError('At least 1s.')
  return read.data
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number, at least 1.')
  return Number(text)
}
