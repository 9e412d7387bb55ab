import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { days, milliseconds } from '../../domain/units.ts'
import { systemClock } from './clock.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what is to come after months does not come at once: a timer of Node is longest at 24 days', () => {
  const run = vi.fn<() => void>()
  systemClock.after(days(90), run)
  vi.advanceTimersByTime(days(90) - 1)
  expect(run).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(run).toHaveBeenCalledOnce()
})

test('it can be called off at any time', () => {
  const run = vi.fn<() => void>()
  const callOff = systemClock.after(days(90), run)
  vi.advanceTimersByTime(days(30))
  callOff()
  vi.advanceTimersByTime(days(90))
  expect(run).not.toHaveBeenCalled()
})

test('no timer is asked for more than it can', () => {
  const spy = vi.spyOn(globalThis, 'setTimeout')
  systemClock.after(days(90), () => undefined)
  systemClock.after(milliseconds(5), () => undefined)
  expect(spy.mock.calls.map(([, delay]) => delay)).toEqual([2 ** 31 - 1, 5])
})
