import { setTimeout as sleep } from 'node:timers/promises'
import type { Health } from '../domain/health/judge.ts'
import type { Duration } from '../domain/units.ts'
import { exitStatus, healthJson, renderHealth, renderNagios } from './render-health.ts'
import type { Terminal } from './terminal.ts'

export interface WatchOptions {
  json?: true
  nagios?: true
  all?: true
  every: Duration
}

/** Looks until Ctrl-C; the exit status is that of the last look. */
export async function watch(look: () => Promise<Health>, options: WatchOptions, terminal: Terminal): Promise<number> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  let status = exitStatus('unknown')
  while (!stop.signal.aborted) {
    const found = await look()
    status = exitStatus(found.status)
    if (options.json === true) {
      terminal.write(JSON.stringify(JSON.parse(healthJson(found))))
    } else if (options.nagios === true) {
      terminal.write(renderNagios(found))
    } else {
      const lines = renderHealth(found, terminal, { all: options.all === true })
      const time = new Date(found.at).toISOString().slice(0, 19).replace('T', ' ')
      // On a terminal the new picture takes the place of the old one; in a file they follow each other.
      terminal.write(`${terminal.isInteractive ? '\u001b[H\u001b[2J' : ''}${time} UTC  ${lines.join('\n')}\n`)
    }
    await sleep(options.every, undefined, { signal: stop.signal }).catch(() => undefined)
  }
  return status
}
