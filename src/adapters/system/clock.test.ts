import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { days, seconds } from '../../domain/units.ts'
import { systemClock } from './clock.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test.each([seconds(1), days(24), days(25), days(90)])(
  'what is to come after %d ms comes then, and not before',
  (delay) => {
    const run = vi.fn()
    systemClock.after(delay, run)
    vi.advanceTimersByTime(delay - 1)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledOnce()
  },
)

test('what was called off does not come, however late it was to be', () => {
  const run = vi.fn()
  const callOff = systemClock.after(days(90), run)
  vi.advanceTimersByTime(days(80))
  callOff()
  vi.advanceTimersByTime(days(80))
  expect(run).not.toHaveBeenCalled()
})
