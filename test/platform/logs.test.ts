import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { half } from './half.ts'
import { gating, lab } from './lab.ts'

const launcher = join(import.meta.dirname, '../../bin/tiercel')

/** What the guests say, by agents with the rights that `tiercel agent install` gave them. */
function logs(source: string, ...args: string[]): Record<string, unknown>[] {
  const hosts = gating.flatMap((guest) => ['--host', guest])
  const all = ['logs', source, '--json', '--fleet', lab.state.fleetFile, ...hosts, ...args]
  const { status, stdout } = spawnSync(launcher, all, { encoding: 'utf8', timeout: 120_000, maxBuffer: 2 ** 28 })
  const documents = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line))
  // 1: what the guests have thrown away is told; anything else would be a host that was not read.
  expect({ status, untold: documents.filter(({ kind }) => kind === 'trouble') }).toEqual({
    status: status === 1 ? 1 : 0,
    untold: [],
  })
  return documents
}

half('logs of the guests', () => {
  test('the events of ZFS come from every guest, through its executor', () => {
    const documents = logs('zfs', '--since', '30d')
    for (const host of gating) {
      const events = documents.filter((one) => one['kind'] === 'entry' && one['host'] === host)
      expect({ host, isEmpty: events.length === 0 }).toEqual({ host, isEmpty: false })
      for (const { text } of events) expect(text).toMatch(/^(sysevent|ereport|resource)\.fs\.zfs\./)
    }
  })

  test('the messages of the kernel come from the journal of every guest, by its group', () => {
    const documents = logs('kernel', '--since', '30d')
    for (const host of gating) {
      const entries = documents.filter((one) => one['kind'] === 'entry' && one['host'] === host)
      expect({ host, areFew: entries.length < 10 }).toEqual({ host, areFew: false })
      expect(String(entries[0]?.['cursor'])).toMatch(/^s=/)
    }
  })
})
