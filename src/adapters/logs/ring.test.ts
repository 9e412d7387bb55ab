import { array, assert, asyncProperty, integer } from 'fast-check'
import { expect, test } from 'vitest'
import type { LogItem, LogQuery } from '../../domain/logs/log.ts'
import { Instant, seconds } from '../../domain/units.ts'
import { stillClock } from '../../../test/builders/clock.ts'
import type { Progress } from './progress.ts'
import { type Ring, type RingRecord, readRing } from './ring.ts'

const record = (number: number, at = number): RingRecord => ({
  number,
  at: Instant.parse(at),
  level: number % 5 === 0 ? 'error' : 'info',
  store: null,
  from: 'hot',
  text: String(number),
  cut: 0,
})
const records = (first: number, last: number) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => record(first + index))
const query = (asked: Partial<LogQuery> = {}): LogQuery => ({ source: 'zfs', follow: false, errors: false, ...asked })

/** A ring that shows one of these at each look, and then no more. */
function ringOf(looks: (readonly RingRecord[])[], bootId = 'a') {
  const clock = stillClock()
  const stop = new AbortController()
  const ring: Ring = {
    what: 'events of ZFS',
    first: 1,
    bootId,
    every: seconds(2),
    clock,
    read: async () => {
      const shown = looks.shift() ?? []
      if (looks.length === 0) stop.abort()
      return shown
    },
  }
  return { ring, clock, signal: stop.signal }
}

async function read(looks: (readonly RingRecord[])[], asked: LogQuery, bootId = 'a') {
  const { ring, clock, signal } = ringOf(looks, bootId)
  const progress: Progress = { cursor: null, upTo: null, isLive: false }
  const items: LogItem[] = []
  const reading = (async () => {
    for await (const item of readRing(ring, asked, progress, signal)) items.push(item)
  })()
  while (!signal.aborted) await clock.advance(2000)
  await reading
  return { items, progress, texts: items.flatMap((item) => (item.kind === 'entry' ? [item.text] : [])) }
}
const gaps = (items: readonly LogItem[]) => items.filter((item) => item.kind === 'gap')

test('follows over looks that overlap: each message once', async () => {
  const { texts, items } = await read([records(1, 3), records(1, 5), records(4, 8)], query({ follow: true }))
  expect(texts).toEqual(['1', '2', '3', '4', '5', '6', '7', '8'])
  expect(gaps(items)).toEqual([])
})

test('whatever a ring throws away between two looks is told by its exact count', async () => {
  await assert(
    asyncProperty(array(integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 8 }), async (steps) => {
      let newest = 0
      const looks = steps.map((step) => {
        newest += step
        return records(Math.max(1, newest - 9), newest) // a ring of ten
      })
      const before = looks.find((look) => look.length > 0)?.[0]?.number ?? 1
      const { texts, items } = await read(looks, query({ follow: true }))
      const missed = gaps(items).reduce((sum, gap) => sum + ('missed' in gap ? (gap.missed ?? 0) : 0), 0)
      expect(texts.length + missed).toBe(newest - (before - 1))
    }),
  )
})

test('a ring that does not reach back as far as asked says so', async () => {
  const { items } = await read([records(513, 515)], query({ since: Instant.parse(1) }))
  expect(items[0]).toMatchObject({ kind: 'gap', missed: null, since: 1, at: 513 })
  const whole = await read([records(1, 3)], query({ since: Instant.parse(0) }))
  expect(gaps(whole.items)).toEqual([])
})

test('goes on after a cursor, and counts what was lost since', async () => {
  const { items, texts } = await read([records(8, 10)], query({ cursor: 'b=a;n=4;t=4' }))
  expect(items[0]).toMatchObject({ kind: 'gap', missed: 3, since: 4, at: 8 })
  expect(texts).toEqual(['8', '9', '10'])
})

test('after a new start of the host, all there is comes, and that something is gone is told', async () => {
  const { items, texts } = await read([records(1, 2)], query({ cursor: 'b=dd;n=400;t=4' }))
  expect(items[0]).toMatchObject({ kind: 'gap', missed: null, since: 4 })
  expect(texts).toEqual(['1', '2'])
})

test('a module that was loaded anew counts from one again', async () => {
  const { items, texts } = await read([records(1, 5), records(1, 2)], query({ follow: true }))
  expect(texts).toEqual(['1', '2', '3', '4', '5', '1', '2'])
  expect(gaps(items)).toHaveLength(1)
})

test('errors only: the cursor goes past what is left out', async () => {
  const { texts, progress } = await read([records(1, 7)], query({ errors: true }))
  expect(texts).toEqual(['5'])
  expect(progress.cursor).toBe('b=a;n=7;t=7')
})
