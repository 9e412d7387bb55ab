import { expect, test } from 'vitest'
import type { Clock } from '../domain/ports/clock.ts'
import { Instant, minutes } from '../domain/units.ts'
import { Bell } from './wait.ts'

/** What somebody who waits a minute for a bell is told when that is over, and what else has happened in the same moment. */
async function heardWith(meanwhile: (bell: Bell) => void): Promise<boolean> {
  const due: (() => void)[] = []
  const clock: Pick<Clock, 'after' | 'now'> = {
    now: () => Instant.parse(0),
    after: (_, work) => {
      due.push(work)
      return () => undefined
    },
  }
  const bell = new Bell()
  const heard = bell.heard(clock, minutes(1), new AbortController().signal)
  for (const work of due) work()
  meanwhile(bell)
  return heard
}

test('a ring in the moment in which the time is over is heard: nothing else would look again', async () => {
  expect(await heardWith((bell) => bell.ring())).toBe(true)
})

test('where nothing has rung, none is heard', async () => {
  expect(await heardWith(() => undefined)).toBe(false)
})
