import { describe, expect, test } from 'vitest'
import type { LockRequest, RunClass } from '../../src/domain/run.ts'
import { Instant, minutes, seconds } from '../../src/domain/units.ts'
import type { Gate } from '../../src/engine/options.ts'
import { Bell } from '../../src/engine/wait.ts'
import { memoryRunStore } from '../builders/memory-run-store.ts'
import { makes, toyBench, toyParent, toyProcedure } from '../builders/toy.ts'

const alone = (...keys: string[]): LockRequest[] => keys.map((key) => ({ key, capacity: 1 }))
const hot = alone('pool:n1/hot')

const one = (name: string, locks: LockRequest[], takes = minutes(1), runClass: RunClass = 'change') =>
  toyProcedure(name, [makes(name, { takes, pauses: runClass === 'background' })], { class: runClass, locks })

describe('whoever made another give way comes first', () => {
  test.each([true, false])('as a part of a fleet-wide run: %s; the other one is paused once', async (isPart) => {
    const scrub = one('scrub', hot, minutes(60), 'background')
    const { start, until, sleep, world, runOf } = toyBench([
      scrub,
      one('update', hot),
      toyParent('all', [{ key: 'n1', procedure: 'update' }]),
    ])
    const low = await start('scrub')
    await sleep(minutes(1))
    const high = await start(isPart ? 'all' : 'update')
    await until(high.id, 'succeeded')
    await until(low.id, 'succeeded')
    expect(world.done.filter((done) => done === 'paused scrub')).toHaveLength(1)
    expect(runOf(low.id).version).toBeLessThan(12)
  })

  test('also when the engine starts anew in between', async () => {
    const procedures = [one('scrub', hot, minutes(600), 'background'), one('update', hot)]
    const before = toyBench(procedures)
    await before.start('scrub')
    await before.sleep(minutes(1))
    const high = await before.clock.pass(
      before.engine.start({ procedure: 'update', input: {}, requestedBy: 'me' }, new AbortController().signal),
    )
    await before.engine.close()
    const again = toyBench(procedures, { before })
    await again.clock.pass(again.engine.recover())
    await again.sleep(minutes(3))
    expect(again.runOf(high.id).state).toBe('succeeded')
  })
})

test('a run that may not begin holds back nobody', async () => {
  let gate: Gate = { open: true }
  const { start, until, sleep, runOf } = toyBench(
    [one('holder', hot, minutes(10)), one('high', hot), one('low', hot, minutes(1), 'background')],
    { gate: async ({ procedure }) => (procedure === 'high' ? gate : { open: true }) },
  )
  const holder = await start('holder')
  const high = await start('high')
  await sleep(seconds(30))
  gate = { open: false, reason: 'frozen', until: null }
  await until(holder.id, 'succeeded')
  const low = await start('low')
  await sleep(minutes(5))
  expect(runOf(low.id).state).toBe('succeeded')
  expect(runOf(high.id)).toMatchObject({ state: 'waiting', reason: 'frozen' })
})

test('what contains another excludes it, and what lies beside it does not', async () => {
  const { start, sleep, runOf } = toyBench([
    one('pool', hot, minutes(10)),
    one('host', alone('host:n1')),
    one('dataset', alone('dataset:n1/hot/a')),
    one('beside', alone('pool:n1/cold')),
  ])
  const pool = await start('pool')
  const within = await start('dataset')
  const beside = await start('beside')
  await sleep(minutes(3))
  expect(runOf(beside.id).state).toBe('succeeded')
  const around = await start('host')
  await sleep(minutes(1))
  for (const { id } of [around, within]) {
    expect(runOf(id).state).toBe('waiting')
    expect(runOf(id).reason).toContain(`waits: pool:n1/hot is held by run ${pool.id}`)
  }
})

test('a run that wants many locks gets them, whatever others come for one of them', async () => {
  const { start, sleep, runOf, world } = toyBench([
    one('a', alone('pool:n1/a')),
    one('b', alone('pool:n1/b')),
    one('both', alone('pool:n1/a', 'pool:n1/b')),
  ])
  await start('a')
  const both = await start('both')
  // Somebody holds one of the two at any time, if who comes later may pass.
  for (let turn = 0; turn < 6; turn += 1) {
    world.there.clear()
    await start(turn % 2 === 0 ? 'b' : 'a')
    await sleep(seconds(40))
  }
  expect(runOf(both.id).state).toBe('succeeded')
})

test('who wants nothing of the one that has waited longest passes it', async () => {
  const { start, sleep, runOf } = toyBench([
    one('a', hot, minutes(30)),
    one('also', hot),
    one('b', alone('pool:n2/hot')),
  ])
  await start('a')
  await start('also')
  const { id } = await start('b')
  await sleep(minutes(2))
  expect(runOf(id).state).toBe('succeeded')
})

test('children that wait cost nothing while nothing changes', async () => {
  let transactions = 0
  let orders = 0
  const keys = Array.from({ length: 60 }, (_, index) => `c${index}`)
  const parent = toyParent(
    'all',
    keys.map((key) => ({ key, procedure: key })),
    {
      atOnce: 60,
      class: 'background',
      order: (waiting) => {
        orders += 1
        return [...waiting]
      },
    },
  )
  const { start, sleep, until, stored } = toyBench(
    [parent, ...keys.map((key) => one(key, alone('background:host:n1'), minutes(50)))],
    {
      store: (disk) => {
        const inner = memoryRunStore(disk)
        return {
          transaction: async (work) => {
            transactions += 1
            return inner.transaction(work)
          },
        }
      },
    },
  )
  const { id } = await start('all')
  await sleep(minutes(1))
  const before = { transactions, orders }
  await sleep(minutes(40))
  expect({ transactions, orders }).toEqual(before)
  expect(stored.locks).toHaveLength(1)
  expect((await until(id, 'running')).share).toBe(0)
  await sleep(minutes(20))
  // One has ended: one other is chosen, once.
  expect(orders).toBe(before.orders + 1)
  expect((await until(id, 'running')).share).toBe(1 / 60)
})

test('a wait that nobody rings leaves nothing behind, and a ring that nobody has heard is heard by the next', async () => {
  const bell = new Bell()
  const { signal } = new AbortController()
  let timers = 0
  const clock = {
    now: () => Instant.parse(0),
    after: (_: unknown, run: () => void) => {
      timers += 1
      const timer = setImmediate(run)
      return () => clearImmediate(timer)
    },
  }
  for (let round = 0; round < 100; round += 1) await bell.heard(clock, seconds(5), signal)
  expect(timers).toBe(100)
  bell.ring()
  await bell.heard({ ...clock, after: () => () => undefined }, seconds(5), signal)
})
