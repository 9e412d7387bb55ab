import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FakeJournal, fakeJournal } from '../../../test/builders/fake-journal.ts'
import { NotPermitted } from '../../domain/errors.ts'
import type { LogItem, LogQuery } from '../../domain/logs/log.ts'
import { Instant } from '../../domain/units.ts'
import { systemClock } from '../system/clock.ts'
import { localLogs, type LocalLogsOptions, LogQueryRefused } from './local-logs.ts'
import { LocalStore } from '../../domain/fleet.ts'

let journal: FakeJournal
beforeEach(() => {
  journal = fakeJournal()
})
afterEach(() => journal.remove())

const unit = 'ipfs-cluster@hot.service'
const store = (name: string, units: Record<string, string>) =>
  LocalStore.parse({ name, tier: name, cluster: 'main', pool: `${name}-tier`, units })
const stores = [
  store('hot', { cluster: 'ipfs-cluster@hot', kubo: 'ipfs@hot.service' }),
  store('cold', { cluster: 'ipfs-cluster@cold.service' }),
]

const logs = (options: Partial<LocalLogsOptions> = {}) =>
  localLogs({
    stores,
    clock: systemClock,
    exec: () => Promise.reject(new Error('runs nothing')),
    executor: undefined,
    isRoot: true,
    journalctl: journal.program,
    bootId: () => 'abc',
    ...options,
  })
const query = (asked: Partial<LogQuery> = {}): LogQuery => ({
  source: 'cluster',
  follow: false,
  errors: false,
  ...asked,
})
const never = new AbortController().signal

async function all(items: AsyncIterable<LogItem>): Promise<LogItem[]> {
  const list: LogItem[] = []
  for await (const item of items) if (item.kind !== 'alive') list.push(item)
  return list
}
const texts = (items: readonly LogItem[]) => items.flatMap((item) => (item.kind === 'entry' ? [item.text] : []))
const cursorsOf = (items: readonly LogItem[]) => items.flatMap((item) => (item.kind === 'entry' ? [item.cursor] : []))

const t0 = 1_795_477_000_000
const say = (count: number, from = 0) => {
  journal.say(
    ...Array.from({ length: count }, (_, index) => ({ at: t0 + from + index, text: `line ${from + index}`, unit })),
  )
}

describe('the journal of units', () => {
  test('is asked for the units that the host declares, and for nothing that a caller says', async () => {
    say(2)
    const items = await all(logs().read(query({ since: Instant.parse(t0) }), never))
    expect(texts(items)).toEqual(['line 0', 'line 1'])
    expect(items[0]).toMatchObject({ store: 'hot', from: unit, level: 'info' })
    expect(items.at(-1)).toMatchObject({ kind: 'end' })
    const units = journal
      .calls()
      .at(-1)
      ?.filter((arg) => arg.startsWith('--unit'))
    expect(units).toEqual([`--unit=${unit}`, '--unit=ipfs-cluster@cold.service'])
  })

  test.each(['--file=/etc/shadow', 's=1;i=2', `s=${'0'.repeat(32)};i=1 --file=x`])(
    'refuses %s as a cursor',
    async (cursor) => {
      await expect(all(logs().read(query({ cursor }), never))).rejects.toBeInstanceOf(LogQueryRefused)
      expect(journal.calls().flat()).not.toContain(`--cursor=${cursor}`)
    },
  )

  test.each(['ipfs*.service', '-x', 'a b', '../x'])('refuses %s as the name of a unit', async (name) => {
    const odd = logs({ stores: [store('hot', { cluster: name })] })
    await expect(all(odd.read(query(), never))).rejects.toBeInstanceOf(LogQueryRefused)
    expect(journal.calls()).toEqual([])
  })

  test('goes on after a cursor, wherever it stands: nothing twice, nothing left out', async () => {
    say(6)
    const whole = await all(logs().read(query(), never))
    for (const [index, cursor] of cursorsOf(whole).entries()) {
      const rest = await all(logs().read(query({ cursor }), never))
      expect(texts(rest)).toEqual(texts(whole).slice(index + 1))
      expect(rest.filter(({ kind }) => kind === 'gap')).toEqual([])
    }
  })

  test('a journal that was rotated past the cursor is told, with the time between', async () => {
    say(6)
    const [, cursor = ''] = cursorsOf(await all(logs().read(query(), never)))
    journal.keepOnly(2)
    const rest = await all(logs().read(query({ cursor }), never))
    expect(rest[0]).toMatchObject({ kind: 'gap', since: t0 + 1, at: t0 + 4, missed: null })
    expect(texts(rest)).toEqual(['line 4', 'line 5'])
  })

  test('follows: what is there, then what comes; and ends its program when it is called off', async () => {
    say(3)
    const stop = new AbortController()
    const seen: string[] = []
    const read = (async () => {
      for await (const item of logs().read(query({ follow: true }), stop.signal)) {
        if (item.kind !== 'entry') continue
        seen.push(item.text)
        if (seen.length === 3) say(2, 3)
        if (seen.length === 5) stop.abort()
      }
    })()
    await expect(read).rejects.toThrow('aborted')
    expect(seen).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4'])
    await expect.poll(() => isRunning(journal.pid())).toBe(false)
  })

  test('a reader that pauses for long begins anew where it was, and hears what was thrown away meanwhile', async () => {
    say(4)
    let now = t0
    const clock = { ...systemClock, now: () => Instant.parse(now) }
    const seen: LogItem[] = []
    for await (const item of logs({ clock }).read(query(), never)) {
      if (item.kind !== 'alive') seen.push(item)
      if (item.kind !== 'entry' || item.text !== 'line 1') continue
      now += 60_000
      journal.keepOnly(1)
    }
    expect(texts(seen)).toEqual(['line 0', 'line 1', 'line 3'])
    expect(seen.filter(({ kind }) => kind === 'gap')).toMatchObject([{ since: t0 + 1, at: t0 + 3 }])
  })

  test('gives errors only, and tells how far it has come in what it leaves out', async () => {
    journal.say(
      { at: t0, text: '2026-11-23T23:38:56.959Z\tERROR\tx\tboom', unit },
      { at: t0 + 1, text: '2026-11-23T23:38:56.959Z\tINFO\tx\tfine', unit },
    )
    const items = await all(logs().read(query({ errors: true }), never))
    expect(items).toMatchObject([{ level: 'error' }, { kind: 'end', cursor: expect.stringContaining(';i=2;') }])
  })

  test('a journal that may not be read is no empty one', async () => {
    journal.complain('Hint: You are currently not seeing messages from other users and the system.\n')
    const read = all(logs().read(query(), never))
    await expect(read).rejects.toBeInstanceOf(NotPermitted)
    await expect(read).rejects.toMatchObject({ hint: expect.stringContaining('systemd-journal') })
  })

  test('a store without a unit is told, and the others are read', async () => {
    journal.say({ at: t0, text: 'kubo says', unit: 'ipfs@hot.service' })
    const items = await all(logs().read(query({ source: 'kubo' }), never))
    expect(items[0]).toMatchObject({
      kind: 'trouble',
      text: expect.stringContaining('the store cold names no systemd unit'),
    })
    expect(texts(items)).toEqual(['kubo says'])
  })

  test('only of the stores that are asked for; one that is not there is refused', async () => {
    say(1)
    await all(logs().read(query({ stores: ['cold'] }), never))
    expect(journal.calls().at(-1)).not.toContain(`--unit=${unit}`)
    await expect(all(logs().read(query({ stores: ['warm'] }), never))).rejects.toThrow('it has: hot, cold')
  })
})

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
