import { expect, test } from 'vitest'
import { z } from 'zod'
import { createStepBench } from '../../../test/builders/run-steps.ts'
import { Unreachable } from '../../domain/errors.ts'
import { hours, minutes } from '../../domain/units.ts'
import { waitStep } from './wait-step.ts'

/** Something that is over two hours after the world began, of a host that is away in between. */
function waited(away: { from: number; to: number }) {
  const bench = createStepBench()
  const begun = bench.clock.now()
  const step = waitStep({
    id: 'wait',
    title: 'Wait for it',
    deadline: hours(100),
    what: 'n1',
    Result: z.string(),
    async look() {
      const passed = bench.clock.now() - begun
      if (passed > away.from && passed < away.to) throw new Unreachable('nobody answers at n1')
      return passed >= hours(2) ? { result: 'over' } : { next: minutes(5) }
    },
  })
  return { ...bench, step, passed: () => bench.clock.now() - begun }
}

test('what the world does by itself is waited for, through the absence of its host', async () => {
  const { run, look, step, passed, said } = waited({ from: hours(1), to: hours(3) })
  expect(await look(step)).toEqual({ state: 'absent' })
  expect(await run(step)).toBe('over')
  expect(passed()).toBeGreaterThanOrEqual(hours(3))
  expect(said.some((text) => text.includes('waits for it'))).toBe(true)
  expect(await look(step)).toEqual({ state: 'done', result: 'over' })
})

test('a host that stays away longer than a day is told as what it is', async () => {
  const { run, step } = waited({ from: hours(1), to: hours(200) })
  await expect(run(step)).rejects.toThrow('nobody answers at n1')
})
