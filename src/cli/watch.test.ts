import { expect, test } from 'vitest'
import type { Health } from '../domain/health/judge.ts'
import { Instant, seconds } from '../domain/units.ts'
import { type Look, watch } from './watch.ts'

const terminal = { error: () => undefined, colours: false, columns: 80, isInteractive: false }
const nothing = { hosts: 0, stores: 0, pools: 0, peers: 0 }
const found: Health = {
  at: Instant.parse(0),
  status: 'warning',
  hosts: [],
  findings: [],
  totals: {
    findings: { critical: 0, unknown: 0, warning: 0, info: 0, ok: 0 },
    declared: nothing,
    observed: { ...nothing, disks: 0 },
  },
}

test('Ctrl-C ends it at once, while a look waits for a slow host, with the status of the last look', async () => {
  let looks = 0
  const look = (): Promise<Look> => {
    looks += 1
    if (looks === 1) return Promise.resolve({ report: found, lines: () => [] })
    setImmediate(() => process.emit('SIGINT'))
    return new Promise(() => undefined)
  }
  const lines: string[] = []
  const status = await watch(
    look,
    { every: seconds(0), nagios: true },
    { ...terminal, write: (line) => void lines.push(line) },
  )
  expect(status).toBe(1)
  expect(lines).toHaveLength(1)
})
