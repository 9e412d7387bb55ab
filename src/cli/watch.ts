import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../domain/health/report.ts'
import type { Duration } from '../domain/units.ts'
import { exitStatus, healthJson, renderNagios } from './render-health.ts'
import { secondText } from './times.ts'
import { picture, printableJson, type Terminal } from './terminal.ts'

export interface WatchOptions {
  json?: true
  nagios?: true
  every: Duration
}

/** One look, and how a person is told of it on a screen of so many lines. */
export interface Look {
  report: Report
  lines: (screen: Pick<Terminal, 'colours' | 'columns' | 'rows'>) => string[]
}

/** Looks until Ctrl-C; the exit status is that of the last look. */
export async function watch(look: () => Promise<Look>, options: WatchOptions, terminal: Terminal): Promise<number> {
  const stop = new AbortController()
  const stopped = new Promise<undefined>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve(undefined))
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  let status = exitStatus('unknown')
  while (!stop.signal.aborted) {
    // Ctrl-C does not wait for a slow host.
    const found = await Promise.race([look(), stopped])
    if (found === undefined) break
    const { report } = found
    status = exitStatus(report.status)
    if (options.json === true) {
      terminal.write(printableJson(JSON.stringify(JSON.parse(healthJson(report)))))
    } else if (options.nagios === true) {
      terminal.write(renderNagios(report))
    } else {
      // On a terminal the new picture takes the place of the old one; in a file they follow each other.
      const { rows } = terminal
      const screen = { ...terminal, columns: terminal.columns, rows: rows === undefined ? undefined : rows - 2 }
      const lines = [secondText(report.at), ...found.lines(screen)]
      terminal.write(terminal.isInteractive ? picture(lines, terminal) : lines.join('\n'))
    }
    await sleep(options.every, undefined, { signal: stop.signal }).catch(() => undefined)
  }
  return status
}
