import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../domain/health/report.ts'
import type { Duration } from '../domain/units.ts'
import { exitStatus, healthJson, renderHealth, renderNagios } from './render-health.ts'
import { iso } from './times.ts'
import { printableJson, type Terminal } from './terminal.ts'

export interface WatchOptions {
  json?: true
  nagios?: true
  all?: true
  every: Duration
}

/** Looks until Ctrl-C; the exit status is that of the last look. */
export async function watch(look: () => Promise<Report>, options: WatchOptions, terminal: Terminal): Promise<number> {
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
    status = exitStatus(found.status)
    if (options.json === true) {
      terminal.write(printableJson(JSON.stringify(JSON.parse(healthJson(found)))))
    } else if (options.nagios === true) {
      terminal.write(renderNagios(found))
    } else {
      const lines = renderHealth(found, terminal, { all: options.all === true })
      const time = iso(found.at).slice(0, 19).replace('T', ' ')
      // On a terminal the new picture takes the place of the old one; in a file they follow each other.
      terminal.write(`${terminal.isInteractive ? '\u001b[H\u001b[2J' : ''}${time} UTC  ${lines.join('\n')}\n`)
    }
    await sleep(options.every, undefined, { signal: stop.signal }).catch(() => undefined)
  }
  return status
}
