import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LogEntry, LogItem, LogQuery } from '../../src/domain/logs/log.ts'
import type { Logs } from '../../src/domain/ports/logs.ts'
import type { Instant } from '../../src/domain/units.ts'

/** Logs of one host in which the Cluster peer of `store` has said at least ten things since `since`, one an error. */
export interface LogsBench {
  logs: Logs
  store: string
  since: Instant
  /** Makes the Cluster peer of `store` say something new. */
  sayMore(): Promise<void>
  close(): Promise<void>
}

const entries = (items: readonly LogItem[]): LogEntry[] =>
  items.flatMap((item) => (item.kind === 'entry' ? [item] : []))

/** What all logs must do: the simulator, the programs of this machine, and an agent over its socket. */
export function logsContract(name: string, open: () => Promise<LogsBench>): void {
  describe(`logs: ${name}`, () => {
    let bench: LogsBench
    beforeAll(async () => {
      bench = await open()
    })
    afterAll(() => bench?.close())

    const query = (asked: Partial<LogQuery> = {}): LogQuery => ({
      source: 'cluster',
      since: bench.since,
      follow: false,
      errors: false,
      stores: [bench.store],
      ...asked,
    })
    const read = async (asked: LogQuery): Promise<LogItem[]> => {
      const items: LogItem[] = []
      for await (const item of bench.logs.read(asked, new AbortController().signal)) items.push(item)
      return items
    }
    test('begin with a sign of life and end with the end', async () => {
      const items = await read(query())
      expect(items[0]?.kind).toBe('alive')
      expect(items.at(-1)?.kind).toBe('end')
      expect(entries(items).length).toBeGreaterThanOrEqual(10)
    })

    test('are in the order of time, of the store and from the moment that is asked for', async () => {
      const all = entries(await read(query()))
      expect(all.map(({ at }) => at)).toEqual(all.map(({ at }) => at).toSorted((a, b) => a - b))
      expect(new Set(all.map(({ store }) => store))).toEqual(new Set([bench.store]))
      expect(all.every(({ at }) => at >= bench.since)).toBe(true)
      const middle = all[4]?.at ?? bench.since
      expect(entries(await read(query({ since: middle })))).toEqual(all.filter(({ at }) => at >= middle))
      expect(entries(await read(query({ until: middle })))).toEqual(all.filter(({ at }) => at <= middle))
    })

    test('go on after any cursor: nothing twice, nothing left out', async () => {
      const all = entries(await read(query()))
      for (const [index, { cursor }] of all.entries()) {
        expect(entries(await read(query({ cursor })))).toEqual(all.slice(index + 1))
      }
    })

    test('errors only: those that are errors, and the cursor of the end is past all', async () => {
      const all = await read(query())
      const errors = await read(query({ errors: true }))
      expect(entries(errors)).toEqual(entries(all).filter(({ level }) => level === 'error'))
      expect(entries(errors).length).toBeGreaterThan(0)
      expect(errors.at(-1)).toEqual(all.at(-1))
    })

    test('a store that is not there, and a cursor that is none, are refused', async () => {
      await expect(read(query({ stores: ['nowhere'] }))).rejects.toThrow('nowhere')
      await expect(read(query({ cursor: '--file=/etc/passwd' }))).rejects.toThrow('no cursor')
    })

    test('followed: what is there, then what comes, until it is called off', async () => {
      const there = entries(await read(query())).length
      const stop = new AbortController()
      const seen: LogEntry[] = []
      const following = (async () => {
        for await (const item of bench.logs.read(query({ follow: true }), stop.signal)) {
          if (item.kind === 'end') throw new Error('what is followed does not end')
          if (item.kind === 'alive' && seen.length === there) await bench.sayMore()
          if (item.kind === 'entry') seen.push(item)
          if (seen.length > there) stop.abort()
        }
      })()
      await expect(following).rejects.not.toThrow('does not end')
      expect(stop.signal.aborted).toBe(true)
      expect(seen).toEqual(entries(await read(query())).slice(0, seen.length))
    })
  })
}
