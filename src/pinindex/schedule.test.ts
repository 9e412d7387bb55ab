import { expect, test } from 'vitest'
import { stillClock } from '../../test/builders/clock.ts'
import { milliseconds, Share } from '../domain/units.ts'
import { createSchedule } from './schedule.ts'

/** A schedule whose readings end when the test says so, or when they are given up; `readings` tells what became of each. */
function open() {
  const readings: { isHurried: boolean; outcome: 'runs' | 'done' | 'given up' | 'failed' }[] = []
  const ends: ((error?: Error) => void)[] = []
  const schedule = createSchedule({
    make: ({ isHurried, signal }) =>
      new Promise((resolve, reject) => {
        const reading: (typeof readings)[number] = { isHurried, outcome: 'runs' }
        readings.push(reading)
        signal.addEventListener('abort', () => {
          reading.outcome = 'given up'
          reject(signal.reason)
        })
        ends.push((error) => {
          reading.outcome = error === undefined ? 'done' : 'failed'
          if (error === undefined) resolve({ took: milliseconds(10) })
          else reject(error)
        })
      }),
    share: Share.parse(0.05),
    clock: stillClock(),
  })
  return { schedule, readings, end: (index: number, error?: Error) => ends[index]?.(error) }
}

const turn = () =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })
const outcomes = ({ readings }: ReturnType<typeof open>) =>
  readings.map(({ isHurried, outcome }) => `${isHurried ? 'hurried' : 'at leisure'}: ${outcome}`)

test('who waits does not wait for a reading at leisure, which is given up and is no failure', async () => {
  const bench = open()
  const stop = bench.schedule.start()
  const waited = bench.schedule.refresh()
  await turn()
  expect(outcomes(bench)).toEqual(['at leisure: given up', 'hurried: runs'])
  bench.schedule.throwIfFailed()
  bench.end(1)
  await waited
  expect(outcomes(bench)).toEqual(['at leisure: given up', 'hurried: done'])
  bench.schedule.throwIfFailed()
  stop()
})

test('two who come at once share one reading; who comes later gets one of their own', async () => {
  const bench = open()
  bench.schedule.start()
  const first = Promise.all([bench.schedule.refresh(), bench.schedule.refresh()])
  await turn()
  expect(outcomes(bench)).toEqual(['at leisure: given up', 'hurried: runs'])
  const later = bench.schedule.refresh()
  bench.end(1)
  await first
  await turn()
  // What was being read may have passed what the later one means.
  expect(outcomes(bench)).toEqual(['at leisure: given up', 'hurried: done', 'hurried: runs'])
  bench.end(2)
  await later
})

test('a reading that fails is told until one has been made', async () => {
  const bench = open()
  const failed = bench.schedule.refresh()
  await turn()
  bench.end(0, new Error('the peer went away'))
  await expect(failed).rejects.toThrow('the peer went away')
  expect(() => bench.schedule.throwIfFailed()).toThrow('could not be read to their end')
  const again = bench.schedule.refresh()
  await turn()
  bench.end(1)
  await again
  bench.schedule.throwIfFailed()
})
