import { expect, test } from 'vitest'
import { hours, seconds } from '../../src/domain/units.ts'
import { scrubPool } from '../../src/procedures/scrub/scrub-pool.ts'
import { createProcedureBench } from '../contracts/procedure-bench.ts'

const start = /^zpool scrub hot-tier/
const pause = /^zpool scrub -p/

/** A scrub of an hour, as it stands some seconds after its start. */
async function scrubbing() {
  const bench = createProcedureBench([scrubPool])
  for (const { scrubs } of bench.world.hosts.flatMap(({ pools }) => pools)) scrubs.takes = hours(1)
  const engine = bench.start()
  const request = { procedure: 'scrub-pool', input: { host: 'n2', pool: 'hot-tier' }, requestedBy: 'olga' }
  const { id } = await bench.pass(engine.start(request, AbortSignal.timeout(60_000)))
  const second = async () => bench.pass(new Promise<void>((resolve) => void bench.clock.after(seconds(1), resolve)))
  while (!bench.world.effects.some(({ kind }) => kind === 'scrub started')) await second()
  // What waits for the scrub has asked for its state since.
  for (let count = 0; count < 20; count += 1) await second()
  const count = (words: RegExp) =>
    (bench.stored.transcripts.get(id) ?? []).filter(({ command }) => words.test(command)).length
  return { bench, engine, id, count }
}

test('what a scrub was started with is in the transcript while it runs, and stays there when it is canceled', async () => {
  const { bench, engine, id, count } = await scrubbing()
  expect(bench.runNow(id).state).toBe('running')
  expect([count(start), count(pause)]).toEqual([1, 0])
  await bench.pass(engine.cancel(id, 'olga'))
  expect((await bench.untilResting(id)).state).toBe('stopped')
  const paused = count(pause)
  expect([count(start), paused > 0]).toEqual([1, true])
  await bench.pass(engine.resume(id, 'olga'))
  expect((await bench.untilResting(id)).state).toBe('succeeded')
  expect([count(start), count(pause)]).toEqual([2, paused])
  expect(bench.problems).toEqual([])
})

test('nothing is there twice after the engine was started anew, and nothing that was not run', async () => {
  const { bench, engine, id, count } = await scrubbing()
  await bench.pass(engine.close())
  await bench.pass(bench.start().recover())
  expect((await bench.untilResting(id)).state).toBe('succeeded')
  expect([count(start), count(pause)]).toEqual([1, 0])
  const all = (bench.stored.transcripts.get(id) ?? []).map(({ step, at, command }) => `${step} ${at} ${command}`)
  expect(new Set(all).size).toBe(all.length)
})
