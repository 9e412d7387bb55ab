import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { seconds } from '../../domain/units.ts'
import { Deadline } from './deadline.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const late = (words: string) => () => new Error(words)

test('cuts off when the time is up, with the words of the last start', () => {
  const deadline = new Deadline()
  deadline.start(seconds(10), late('first'))
  vi.advanceTimersByTime(9000)
  deadline.start(seconds(10), late('second'))
  vi.advanceTimersByTime(9000)
  expect(deadline.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1100)
  expect(() => deadline.throwIfOver()).toThrow('second')
})

test('less time than was left before is less time', () => {
  const deadline = new Deadline()
  deadline.start(seconds(300), late('long'))
  deadline.start(seconds(5), late('short'))
  vi.advanceTimersByTime(5000)
  expect(() => deadline.throwIfOver()).toThrow('short')
})

test('while it is paused nobody is late, however long; afterwards there is all of the time again', () => {
  const deadline = new Deadline()
  deadline.start(seconds(5), late('late'))
  deadline.pause()
  vi.advanceTimersByTime(60_000)
  expect(deadline.signal.aborted).toBe(false)
  deadline.start(seconds(5), late('late'))
  vi.advanceTimersByTime(4900)
  expect(deadline.signal.aborted).toBe(false)
  vi.advanceTimersByTime(200)
  expect(deadline.signal.aborted).toBe(true)
})

test('every item sets it anew, with one timer for all; none is left at its end', () => {
  {
    using deadline = new Deadline()
    for (let item = 0; item < 1000; item += 1) {
      deadline.pause()
      deadline.start(seconds(30), late('late'))
    }
    expect(vi.getTimerCount()).toBe(1)
  }
  expect(vi.getTimerCount()).toBe(0)
})

test('a signal that was aborted is refused, and one that is aborted cuts off', () => {
  const caller = new AbortController()
  const deadline = new Deadline(caller.signal)
  caller.abort(new Error('given up'))
  expect(() => deadline.throwIfOver()).toThrow('given up')
  expect(() => new Deadline(caller.signal)).toThrow('given up')
})
