import { expect, test } from 'vitest'
import { NotPermitted, OpsError, UnexpectedOutput } from '../domain/errors.ts'
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
