import { array, assert, asyncProperty, integer } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stillClock as manualClock } from '../../../test/builders/clock.ts'
import { Instant, seconds } from '../units.ts'
import type { LogItem } from './log.ts'
import { type LogStream, type MergedLog, mergeLogs } from './merge.ts'

const patience = seconds(5)
const entry = (at: number, text = ''): LogItem => ({
  kind: 'entry',
  at: Instant.parse(at),
  level: 'info',
  store: null,
  from: 'unit',
  text,
  cut: 0,
  cursor: text,
})
const alive = (at: number, upTo: number | null = null): LogItem => ({
  kind: 'alive',
  at: Instant.parse(at),
  upTo: upTo === null ? null : Instant.parse(upTo),
  cursor: null,
})
const end: LogItem = { kind: 'end', cursor: null }

async function* from(items: readonly LogItem[]): AsyncGenerator<LogItem> {
  yield* items
}

const asleep = (): void => undefined

/** A stream that gives what it is handed, when it is handed it, and knows how often it was asked. */
function fed(name: string): LogStream & { give(...items: LogItem[]): void; asked: number } {
  const waiting: LogItem[] = []
  let wake = asleep
  const stream = {
    name,
    asked: 0,
    give(...items: LogItem[]) {
      waiting.push(...items)
      wake()
    },
    items: {
      [Symbol.asyncIterator]: (): AsyncIterator<LogItem> => ({
        async next() {
          stream.asked += 1
          while (waiting.length === 0) {
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
          const value = waiting.shift()
          return value === undefined || value.kind === 'end' ? { done: true, value: undefined } : { done: false, value }
        },
      }),
    },
  }
  return stream
}

async function all(merged: AsyncIterable<MergedLog>): Promise<MergedLog[]> {
  const list: MergedLog[] = []
  for await (const one of merged) list.push(one)
  return list
}
const texts = (merged: readonly MergedLog[]) =>
  merged.flatMap((one) => (one.kind === 'item' && one.item.kind === 'entry' ? [one.item.text] : []))

/** Reads in the background, as a screen does. */
function reading(merged: AsyncIterable<MergedLog>): MergedLog[] {
  const list: MergedLog[] = []
  void (async () => {
    for await (const one of merged) list.push(one)
  })()
  return list
}

const streamsOf = (times: readonly (readonly number[])[]) =>
  times.map((list, index) => ({
    name: `n${index}`,
    list: list.map((at, place) => entry(at, `${index}:${place}`)),
  }))
const arbitrary = array(array(integer({ min: 0, max: 50 }), { maxLength: 20 }), { maxLength: 6 })

test('nothing is lost or doubled, and each stream keeps its own order', async () => {
  await assert(
    asyncProperty(arbitrary, async (times) => {
      const streams = streamsOf(times)
      const clock = manualClock()
      const out = texts(
        await all(
          mergeLogs(
            streams.map(({ name, list }) => ({ name, items: from(list) })),
            { clock, patience },
          ),
        ),
      )
      expect(out.toSorted()).toEqual(
        streams.flatMap(({ list }) => list.map((item) => ('text' in item ? item.text : ''))).toSorted(),
      )
      for (const [index, { list }] of streams.entries()) {
        expect(out.filter((text) => text.startsWith(`${index}:`))).toEqual(
          list.map((item) => ('text' in item ? item.text : '')),
        )
      }
    }),
  )
})

const isSorted = (numbers: readonly number[]) =>
  numbers.every((one, index) => index === 0 || one >= (numbers[index - 1] ?? 0))
const timesOf = (merged: readonly MergedLog[]) => merged.flatMap((one) => (one.kind === 'item' ? [one.item.at] : []))

test('what is in order in each stream is in order over all', async () => {
  await assert(
    asyncProperty(arbitrary, async (times) => {
      const streams = streamsOf(times.map((list) => list.toSorted((a, b) => a - b)))
      const clock = manualClock()
      const out = await all(
        mergeLogs(
          streams.map(({ name, list }) => ({ name, items: from(list) })),
          { clock, patience },
        ),
      )
      expect(isSorted(timesOf(out))).toBe(true)
      expect(out.filter((one) => one.kind === 'item' && one.late)).toEqual([])
    }),
  )
})

test('negative control: without waiting for the others, the order is lost', async () => {
  const clock = manualClock()
  const slow = fed('slow')
  const out = reading(
    mergeLogs([{ name: 'quick', items: from([entry(10), entry(20)]) }, slow], { clock, patience: seconds(0) }),
  )
  await clock.advance(1)
  slow.give(entry(5), end)
  await clock.advance(1)
  expect(timesOf(out)).toEqual([10, 20, 5])
})

describe('a host that is silent', () => {
  test('holds up the others for as long as patience goes, is told, and comes late', async () => {
    const clock = manualClock()
    const [quick, slow] = [fed('quick'), fed('slow')]
    const out = reading(mergeLogs([quick, slow], { clock, patience }))
    quick.give(entry(10, 'a'))
    await clock.advance(4999)
    expect(texts(out)).toEqual([])
    await clock.advance(2)
    expect(texts(out)).toEqual(['a'])
    expect(out).toContainEqual({ kind: 'behind', stream: 'slow' })
    quick.give(entry(20, 'b'))
    await clock.advance(1)
    expect(texts(out)).toEqual(['a', 'b'])
    slow.give(entry(5, 'late'), entry(30, 'now'))
    await clock.advance(1)
    expect(out.slice(-2)).toEqual([
      { kind: 'item', stream: 'slow', item: entry(5, 'late'), late: true },
      { kind: 'caught-up', stream: 'slow' },
    ])
  })

  test('does not hold them up while it says that it has nothing', async () => {
    const clock = manualClock()
    const [quick, quiet] = [fed('quick'), fed('quiet')]
    const now = clock.now()
    const out = reading(mergeLogs([quick, quiet], { clock, patience }))
    quiet.give(alive(now, now))
    quick.give(alive(now, now), entry(now - 10, 'a'))
    await clock.advance(1)
    expect(texts(out)).toEqual(['a'])
    quick.give(entry(now + 10, 'b'))
    await clock.advance(1000)
    expect(texts(out)).toEqual(['a'])
    quiet.give(alive(now + 1000, now + 1000))
    await clock.advance(1)
    expect(texts(out)).toEqual(['a', 'b'])
    expect(out.filter(({ kind }) => kind === 'behind')).toEqual([])
  })

  test('that only says it is still searching is behind all the same', async () => {
    const clock = manualClock()
    const [quick, searching] = [fed('quick'), fed('searching')]
    const out = reading(mergeLogs([quick, searching], { clock, patience }))
    quick.give(entry(10, 'a'))
    for (let second = 0; second < 6; second += 1) {
      searching.give(alive(clock.now()))
      await clock.advance(1000)
    }
    expect(texts(out)).toEqual(['a'])
    expect(out).toContainEqual({ kind: 'behind', stream: 'searching' })
  })
})

test('a clock that is wrong is told once, and does not put its messages elsewhere', async () => {
  const clock = manualClock()
  const now = clock.now()
  const slow = 600_000
  const [right, wrong] = [fed('right'), fed('wrong')]
  const out = reading(mergeLogs([right, wrong], { clock, patience }))
  right.give(alive(now, null), entry(now + 10, 'first'), entry(now + 30, 'third'), end)
  wrong.give(alive(now - slow, null), entry(now - slow + 20, 'second'), alive(now - slow, null), end)
  await clock.advance(10)
  expect(texts(out)).toEqual(['first', 'second', 'third'])
  expect(out.filter(({ kind }) => kind === 'skew')).toEqual([{ kind: 'skew', stream: 'wrong', ahead: -slow }])
})

/** How many items three streams of a thousand are asked for beyond those that a slow reader has taken. */
async function askedAhead(through: (stream: LogStream) => LogStream): Promise<number> {
  const clock = manualClock()
  const streams = ['a', 'b', 'c'].map((name) => {
    const stream = fed(name)
    stream.give(...Array.from({ length: 1000 }, (_, index) => entry(index, `${name}${index}`)), end)
    return stream
  })
  const merged = mergeLogs(streams.map(through), { clock, patience })
  let ahead = 0
  for (let taken = 1; taken <= 30; taken += 1) {
    await merged.next()
    await clock.advance(0)
    ahead = Math.max(ahead, streams.reduce((sum, stream) => sum + stream.asked, 0) - taken)
  }
  return ahead
}

test('a slow reader makes the sources wait: one message is held of each, and no more is asked for', async () => {
  expect(await askedAhead((stream) => stream)).toBeLessThanOrEqual(3)
})

/** A stream that takes all its source has before anybody asks. */
function readAhead({ name, items }: LogStream): LogStream {
  const taken = (async () => {
    const list: LogItem[] = []
    for await (const item of items) list.push(item)
    return list
  })()
  return {
    name,
    items: (async function* ahead() {
      yield* await taken
    })(),
  }
}

test('negative control: streams that are read ahead are asked for all they have', async () => {
  expect(await askedAhead(readAhead)).toBeGreaterThan(2900)
})

test('a stream that breaks is told, and the others go on', async () => {
  const broken = async function* broken(): AsyncGenerator<LogItem> {
    yield entry(1, 'x')
    throw new Error('cut off')
  }
  const clock = manualClock()
  const out = await all(
    mergeLogs(
      [
        { name: 'broken', items: broken() },
        { name: 'whole', items: from([entry(2, 'y'), entry(3, 'z')]) },
      ],
      { clock, patience },
    ),
  )
  expect(texts(out)).toEqual(['x', 'y', 'z'])
  expect(out.filter(({ kind }) => kind === 'ended')).toEqual([
    { kind: 'ended', stream: 'broken', error: new Error('cut off') },
    { kind: 'ended', stream: 'whole' },
  ])
})
