import { describe, expect, test } from 'vitest'
import { OpsError, Refusal } from '../../src/domain/errors.ts'
import { StoreUnusable } from '../../src/domain/ports/run-store.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import { memoryRunStore } from '../builders/memory-run-store.ts'
import { makes, type ToyBench, toyBench, toyProcedure } from '../builders/toy.ts'
import { longStep, ToyHost } from '../builders/toy-host.ts'

const pool = [{ key: 'pool:n1/hot', capacity: 1 }]

class Passing extends OpsError {
  readonly remedy = 'retry'
}

/** A run of one operation that takes hours on its host, and another that wants its lock. */
function hostBench(options: Parameters<typeof longStep>[2] & { takes?: ReturnType<typeof minutes> } = {}) {
  let host: ToyHost | undefined
  const there = (): ToyHost => {
    if (host === undefined) throw new TypeError('the host is made below')
    return host
  }
  const procedures = [
    toyProcedure('send', [longStep('send', there, options)], { class: 'background', locks: pool }),
    toyProcedure('next', [longStep('next', there)], { locks: pool }),
  ]
  const bench = toyBench(procedures)
  host = new ToyHost(bench.clock, options.takes ?? minutes(120))
  const idsOf = (run: string) =>
    (bench.stored.events.get(run) ?? []).filter(({ body }) => JSON.stringify(body).includes('"step-begun"')).length
  return { ...bench, host, idsOf, restart: () => toyBench(procedures, { before: bench }) }
}

const cancel = async ({ clock, engine }: ToyBench, run: string) => clock.pass(engine.cancel(run, 'olga'))

describe('what its host works on keeps its locks, until it is known to be over', () => {
  test('while the host cannot be reached: canceled, it is waited for, and stops then', async () => {
    const bench = hostBench()
    const { id } = await bench.start('send')
    await bench.sleep(minutes(1))
    bench.host.isCut = true
    await bench.sleep(minutes(2))
    await cancel(bench, id)
    await bench.sleep(minutes(2))
    bench.host.isCut = false
    const other = await bench.start('next')
    await bench.sleep(minutes(5))
    expect(bench.host.working).toBe(1)
    expect((await bench.until(id, 'stopped', 'succeeded')).state).toBe('succeeded')
    await bench.until(other.id, 'succeeded')
  })

  test('while the host cannot be reached: another one of a higher class waits too', async () => {
    const bench = hostBench()
    const { id } = await bench.start('send')
    await bench.sleep(minutes(1))
    bench.host.isCut = true
    await bench.sleep(minutes(2))
    const other = await bench.start('next')
    await bench.sleep(minutes(3))
    bench.host.isCut = false
    await bench.sleep(minutes(5))
    expect(bench.host.working).toBe(1)
    expect(bench.runOf(other.id).state).toBe('waiting')
    await bench.until(other.id, 'succeeded')
    expect(bench.runOf(id).state).toBe('succeeded')
  })

  test('an error of an older attempt says nothing of the new one, also after a restart', async () => {
    const bench = hostBench()
    bench.host.refuse = () => new Refusal('busy', 'busy', { remedy: 'retry' })
    const { id } = await bench.start('send')
    await bench.sleep(seconds(3))
    bench.host.refuse = undefined
    await bench.sleep(minutes(1))
    await bench.engine.close()
    const again = bench.restart()
    await cancel(again, id)
    await again.clock.pass(again.engine.recover())
    await again.sleep(minutes(1))
    expect(bench.host.working).toBe(1)
    expect(again.stored.locks).toHaveLength(1)
    await again.until(id, 'stopped', 'succeeded')
    expect(again.stored.locks).toEqual([])
  })

  test('canceled while it is overdue and asks: it is waited for', async () => {
    const bench = hostBench({ deadline: minutes(10), takes: minutes(15) })
    const { id } = await bench.start('send')
    await bench.until(id, 'asking')
    await cancel(bench, id)
    expect(bench.runOf(id).state).toBe('running')
    expect(bench.stored.locks).toHaveLength(1)
    expect((await bench.until(id, 'stopped', 'succeeded')).state).toBe('succeeded')
  })

  test('left while it is overdue and asks: only by a word that says so', async () => {
    const bench = hostBench({ deadline: minutes(10) })
    const { clock, engine, stored } = bench
    const { id } = await bench.start('send')
    await bench.until(id, 'asking')
    await expect(clock.pass(engine.answer(id, 'leave', 'olga'))).rejects.toThrow('does not offer leave')
    const asked = await clock.pass(engine.leave(id, 'olga'))
    expect(asked).toMatchObject({ state: 'asking', reason: expect.stringContaining('leave-at-work') })
    expect((await clock.pass(engine.leave(id, 'olga'))).version).toBe(asked.version)
    expect(stored.locks).toHaveLength(1)
    await clock.pass(engine.answer(id, 'leave-at-work', 'olga'))
    expect(bench.runOf(id).state).toBe('left')
    expect(stored.events.get(id)?.at(-1)?.body).toEqual({ kind: 'answered', choice: 'leave-at-work', by: 'olga' })
    expect(stored.locks).toEqual([])
  })

  test('what cannot be paused is not stopped by asking twice', async () => {
    const bench = hostBench({ pauses: true })
    const { id } = await bench.start('send')
    await bench.sleep(minutes(1))
    await cancel(bench, id)
    await bench.until(id, 'asking')
    await cancel(bench, id)
    await bench.until(id, 'asking')
    expect(bench.host.working).toBe(1)
    expect(bench.stored.locks).toHaveLength(1)
  })

  test.each([
    ['it works', false, 'what still works'],
    ['nobody can see whether it does', true, 'what may still work: nobody can see'],
  ])('undone: not before it has ended, whatever the undo believes, while %s', async (_, isHidden, says) => {
    const bench = hostBench({ deadline: minutes(10), takes: minutes(12) })
    const { id } = await bench.start('send')
    await bench.until(id, 'asking')
    bench.host.isHidden = isHidden
    await bench.clock.pass(bench.engine.undo(id, 'olga'))
    await bench.sleep(seconds(30))
    expect(bench.runOf(id)).toMatchObject({ state: 'undoing', reason: expect.stringContaining(says) })
    expect(bench.host.working).toBe(1)
    bench.host.isHidden = false
    await bench.until(id, 'undone')
    expect(bench.host.working).toBe(0)
  })
})

describe('a refusal', () => {
  test.each([
    ['older-epoch', 'stop'],
    ['not-kept', 'retry'],
  ] as const)('%s of an id that the host works on ends nothing, and no other id is made', async (code, remedy) => {
    const bench = hostBench()
    const { id } = await bench.start('send')
    await bench.sleep(minutes(1))
    await bench.engine.close()
    const again = bench.restart()
    bench.host.refuse = () => new Refusal(code, 'no', { remedy })
    await again.clock.pass(again.engine.recover())
    await again.sleep(minutes(10))
    expect(again.stored.locks).toHaveLength(1)
    await again.until(id, 'succeeded')
    expect(bench.host.begun).toHaveLength(1)
    expect(bench.idsOf(id)).toBe(1)
  })

  test('of an id that the host does not know is the end of it', async () => {
    const bench = hostBench()
    bench.host.refuse = () => new Refusal('refused-by-policy', 'no', { remedy: 'stop' })
    const { id } = await bench.start('send')
    await bench.until(id, 'failed')
    expect(bench.stored.locks).toEqual([])
  })
})

test('canceled right after a restart, a scrub whose first attempt had failed is paused', async () => {
  const scrub = makes('scrub', { takes: minutes(100), pauses: true })
  let tries = 0
  const step: typeof scrub = {
    ...scrub,
    async run(context) {
      tries += 1
      if (tries === 1) throw new Passing('the executor does not answer')
      return scrub.run(context)
    },
  }
  const procedures = [toyProcedure('p', [step], { class: 'background', locks: pool })]
  const bench = toyBench(procedures)
  const { id } = await bench.start('p')
  await bench.sleep(minutes(5))
  await bench.engine.close()
  const again = toyBench(procedures, { before: bench })
  await cancel(again, id)
  await again.clock.pass(again.engine.recover())
  await again.until(id, 'stopped')
  expect(again.world.done).toContain('paused scrub')
})

test('whoever cancels while the store cannot be written is told so', async () => {
  let isFull = false
  const bench = toyBench([toyProcedure('p', [makes('a', { takes: minutes(30) })])], {
    store: (stored) => {
      const inner = memoryRunStore(stored)
      return {
        transaction: async (work) =>
          inner.transaction(async (transaction) => {
            const answer = await work(transaction)
            if (isFull) throw new StoreUnusable('full')
            return answer
          }),
      }
    },
  })
  const { id } = await bench.start('p')
  isFull = true
  await expect(bench.clock.pass(bench.engine.cancel(id, 'olga'))).rejects.toThrow(StoreUnusable)
  isFull = false
  await bench.until(id, 'succeeded')
})

test('to cancel what is being undone is refused, also while that waits for its locks', async () => {
  const bench = toyBench([
    toyProcedure('p', [makes('a')], { locks: pool }),
    toyProcedure('other', [makes('b', { takes: minutes(10) })], { locks: pool }),
  ])
  const { id } = await bench.start('p')
  await bench.until(id, 'succeeded')
  await bench.start('other')
  await bench.sleep(seconds(5))
  await bench.clock.pass(bench.engine.undo(id, 'olga'))
  expect(bench.runOf(id).state).toBe('waiting')
  await expect(cancel(bench, id)).rejects.toThrow('is being undone')
})
