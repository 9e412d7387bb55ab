import { expect, test } from 'vitest'
import { NotPermitted, OpsError, Stuck, UnexpectedOutput } from '../domain/errors.ts'
import { ReadInPart } from '../domain/read-in-part.ts'
import { milliseconds, seconds } from '../domain/units.ts'
import { createProbe } from './probe.ts'
import { manualClock } from './testing.ts'

const timing = { every: seconds(30), deadline: seconds(20) }
const never = () => new Promise<never>(() => undefined)

test('keeps the last good look, when it was and how long it took', async () => {
  const clock = manualClock()
  const probe = createProbe({
    source: 'zpool status',
    timing,
    clock,
    look: () => new Promise<string>((resolve) => clock.after(milliseconds(250), () => resolve('fine'))),
  })
  const looked = probe.look()
  await clock.advance(250)
  await looked
  expect(probe.reading.last).toEqual({ value: 'fine', at: clock.now(), took: 250 })
  expect(probe.reading.trouble).toBeNull()
})

test('a failed look keeps the last good value, and says since when it fails', async () => {
  const clock = manualClock()
  const answers: (() => Promise<string>)[] = [
    () => Promise.resolve('good'),
    () => Promise.reject(new UnexpectedOutput('cannot read the status of pools', 'pool: ?')),
    () => Promise.reject(new UnexpectedOutput('cannot read the status of pools', 'pool: ??')),
  ]
  const probe = createProbe({ source: 'zpool status', timing, clock, look: () => (answers.shift() ?? never)() })
  const firstAt = clock.now()
  await probe.look()
  await clock.advance(1000)
  await probe.look()
  const since = clock.now()
  await clock.advance(1000)
  await probe.look()
  expect(probe.reading).toMatchObject({
    last: { value: 'good', at: firstAt },
    trouble: { kind: 'not-understood', raw: 'pool: ??', since, at: clock.now() },
  })
})

const inPart = () => Promise.reject(new ReadInPart('1 of 3 rows was not understood', 'odd', ['a', 'c']))

test('an answer that was read in part is kept, and the rest is told; who must act on it gets none', async () => {
  const clock = manualClock()
  const probe = createProbe<string[]>({ source: 'zpool list', timing, clock, look: inPart })
  await probe.look()
  expect(probe.reading).toMatchObject({
    last: { value: ['a', 'c'], at: clock.now() },
    trouble: { kind: 'not-understood', raw: 'odd', at: clock.now() },
  })
  await expect(probe.now()).rejects.toThrow('1 of 3 rows')
})

test('a look that never ends is called off, then counts as stuck; no second one is started', async () => {
  const clock = manualClock()
  let looks = 0
  const signals: AbortSignal[] = []
  const probe = createProbe({
    source: 'zpool status',
    timing,
    clock,
    look: (signal) => {
      looks += 1
      signals.push(signal)
      return never()
    },
  })
  const stop = probe.start()
  await clock.advance(19_000)
  expect(signals[0]?.aborted).toBe(false)
  expect(probe.reading.trouble).toBeNull()
  await clock.advance(2000)
  expect(signals[0]?.aborted).toBe(true)
  await clock.advance(10 * 60_000)
  // The newest word on it is from the last time it was due, at ten minutes sharp.
  expect(probe.reading.trouble).toMatchObject({ kind: 'stuck', at: clock.now() - 21_000 })
  expect(looks).toBe(1)
  stop()
})

test('goes on looking when a stuck look ends after all', async () => {
  const clock = manualClock()
  const releases: ((value: string) => void)[] = []
  const probe = createProbe({
    source: 'zpool status',
    timing,
    clock,
    look: () => new Promise<string>((resolve) => releases.push(resolve)),
  })
  const stop = probe.start()
  await clock.advance(100_000)
  expect(probe.reading.trouble?.kind).toBe('stuck')
  releases[0]?.('late')
  await clock.advance(0)
  expect(probe.reading.trouble).toBeNull()
  await clock.advance(30_000)
  expect(releases).toHaveLength(2)
  stop()
})

const hintOf = async (error: Error) => {
  const probe = createProbe({ source: 'index', timing, clock: manualClock(), look: () => Promise.reject(error) })
  await probe.look()
  return probe.reading.trouble
}

test('carries what an error of our own says to do next, whatever its class', async () => {
  class NotYet extends OpsError {
    readonly remedy = 'retry'
    readonly hint = 'look again in a minute'
  }
  expect(await hintOf(new NotYet('not read yet'))).toMatchObject({ kind: 'failed', hint: 'look again in a minute' })
  expect(await hintOf(new Error('not read yet'))).not.toHaveProperty('hint')
})

test('carries the hint how to permit it', async () => {
  const clock = manualClock()
  const probe = createProbe({
    source: 'executor',
    timing,
    clock,
    look: () => Promise.reject(new NotPermitted('no executor', 'tiercel agent install')),
  })
  await probe.look()
  expect(probe.reading.trouble).toMatchObject({ kind: 'not-permitted', hint: 'tiercel agent install' })
})

/** A probe whose looks end when the test says so. */
function slowProbe(clock = manualClock()) {
  const begun: PromiseWithResolvers<string>[] = []
  const probe = createProbe({
    source: 'zpool list',
    timing,
    clock,
    look: () => {
      const look = Promise.withResolvers<string>()
      begun.push(look)
      return look.promise
    },
  })
  return { probe, begun, clock }
}

test('who asks while a look is under way gets the next one, shared with all who ask meanwhile', async () => {
  const { probe, begun, clock } = slowProbe()
  const periodical = probe.look()
  const [second, third] = [probe.now(), probe.now()]
  await clock.advance(0)
  expect(begun).toHaveLength(1)
  begun[0]?.resolve('old')
  await periodical
  await clock.advance(0)
  expect(begun).toHaveLength(2)
  begun[1]?.resolve('new')
  expect(await Promise.all([second, third])).toEqual(['new', 'new'])
  expect(probe.reading.last?.value).toBe('new')
})

test('a look that fails is told to those who asked for it, and the next is begun', async () => {
  const { probe, begun, clock } = slowProbe()
  const first = probe.now()
  await clock.advance(0)
  begun[0]?.reject(new Error('zpool is tired'))
  await expect(first).rejects.toThrow('zpool is tired')
  expect(probe.reading.trouble?.message).toBe('zpool is tired')
  const again = probe.now()
  await clock.advance(0)
  begun[1]?.resolve('awake')
  expect(await again).toBe('awake')
})

test('a look that hangs is given up in time, and none is begun beside it', async () => {
  const { probe, begun, clock } = slowProbe()
  for (let tries = 0; tries < 2; tries += 1) {
    const asked = probe.now().catch((error: unknown) => error)
    await clock.advance(seconds(25))
    expect(await asked).toBeInstanceOf(Stuck)
  }
  expect(begun).toHaveLength(1)
  expect(probe.reading.trouble?.kind).toBe('stuck')
  // It ends after all: from then on there are looks again.
  begun[0]?.resolve('late')
  const third = probe.now()
  await clock.advance(0)
  begun[1]?.resolve('now')
  expect(await third).toBe('now')
})

test('a look that has nothing to tell yet is no answer', async () => {
  const probe = createProbe({ source: 'arc', timing, clock: manualClock(), look: async () => undefined })
  await expect(probe.now()).rejects.toThrow('arc has nothing to tell yet')
})
