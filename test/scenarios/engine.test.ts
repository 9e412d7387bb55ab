import { describe, expect, test } from 'vitest'
import { OpsError } from '../../src/domain/errors.ts'
import { StoreUnusable } from '../../src/domain/ports/run-store.ts'
import type { LockRequest } from '../../src/domain/run.ts'
import { Instant, minutes, seconds } from '../../src/domain/units.ts'
import { InvalidInput, NotNow, PlanOutOfDate } from '../../src/engine/errors.ts'
import type { Preflight } from '../../src/engine/procedure.ts'
import { memoryRunStore } from '../builders/memory-run-store.ts'
import { makes, toyBench, toyParent, toyProcedure } from '../builders/toy.ts'

class Passing extends OpsError {
  readonly remedy = 'retry'
}

const child = (name: string, locks: LockRequest[] = []) =>
  toyProcedure(name, [makes(name, { takes: minutes(1) })], { locks })

const pool = [{ key: 'pool:n1/hot', capacity: 1 }]

test('a run of a higher class has a lower one pause in its middle, which goes on where it was', async () => {
  const background = toyProcedure('background', [makes('scrub', { takes: minutes(10), pauses: true })], {
    class: 'background',
    locks: pool,
  })
  const change = toyProcedure('change', [makes('disk', { takes: minutes(1) })], { locks: pool })
  const { start, until, sleep, world, stored } = toyBench([background, change])
  const low = await start('background')
  await sleep(minutes(3))
  const high = await start('change')
  await until(high.id, 'succeeded')
  await until(low.id, 'succeeded')
  const order = ['begin scrub', 'paused scrub', 'begin disk', 'made disk', 'begin scrub', 'made scrub']
  expect(world.done).toEqual(order)
  expect(world.left.get('scrub')).toBe(0)
  expect(stored.locks).toEqual([])
})

test('a run of the same class waits, and says for whom', async () => {
  const one = toyProcedure('one', [makes('a', { takes: minutes(5) })], { locks: pool })
  const other = toyProcedure('other', [makes('b')], { locks: pool })
  const { start, until, sleep, runOf, world } = toyBench([one, other])
  const first = await start('one')
  const second = await start('other')
  await sleep(minutes(1))
  expect(runOf(second.id)).toMatchObject({ state: 'waiting', reason: `waits: pool:n1/hot is held by run ${first.id}` })
  await until(second.id, 'succeeded')
  expect(world.done).toEqual(['begin a', 'made a', 'begin b', 'made b'])
})

test('an emergency never waits', async () => {
  const change = toyProcedure('change', [makes('a', { takes: minutes(30) })], { locks: pool })
  const emergency = toyProcedure('emergency', [makes('b')], { class: 'emergency', locks: pool })
  const { start, until, sleep, runOf } = toyBench([change, emergency])
  const low = await start('change')
  await sleep(seconds(5))
  const high = await start('emergency')
  await until(high.id, 'succeeded')
  expect(runOf(low.id).state).toBe('running')
  await until(low.id, 'succeeded')
})

test('outside its window a run stands still, and goes on when it opens', async () => {
  let isOpen = true
  const scrub = toyProcedure('scrub', [makes('scrub', { takes: minutes(30), pauses: true })], { class: 'background' })
  const { start, until, sleep, world, engine } = toyBench([scrub], {
    gate: async () => (isOpen ? { open: true } : { open: false, reason: 'outside of its window', until: null }),
  })
  const run = await start('scrub')
  await sleep(minutes(1))
  isOpen = false
  expect((await until(run.id, 'paused')).reason).toBe('outside of its window')
  await sleep(minutes(60))
  expect(world.done).toEqual(['begin scrub', 'paused scrub'])
  const plan = async () => (await engine.plan('scrub', {}, AbortSignal.timeout(1000))).heldBack
  expect(await plan()).toEqual({ reason: 'outside of its window', until: null })
  isOpen = true
  expect(await plan()).toBeUndefined()
  engine.nudge()
  await until(run.id, 'succeeded')
})

test('what fails by chance is tried again, with longer and longer waits; then a person is asked', async () => {
  const { start, until, world, engine, clock, runOf } = toyBench([toyProcedure('p', [makes('a')])])
  let tries = 0
  world.broken.set('a', () => {
    tries += 1
    return new Passing('the network')
  })
  const began = clock.now()
  const run = await start('p')
  const { reason } = await until(run.id, 'asking')
  expect(reason).toContain('tried 12 times')
  expect(tries).toBe(12)
  expect(clock.now() - began).toBeGreaterThanOrEqual(minutes(5))
  world.broken.clear()
  await clock.pass(engine.answer(run.id, 'look-again', 'me'))
  await until(run.id, 'succeeded')
  expect(runOf(run.id).reason).toBe('')
})

test('a bug in a step is no reason to go on, and nobody calls it done', async () => {
  const { start, until, world } = toyBench([toyProcedure('p', [makes('a')])])
  world.broken.set('a', () => new TypeError('cannot read properties of undefined'))
  const run = await start('p')
  expect((await until(run.id, 'asking')).reason).toContain('cannot read properties of undefined')
})

test('children come in the order that is wanted, so many at once, and none is begun after too many have failed', async () => {
  const parent = toyParent(
    'all',
    ['a', 'b', 'c', 'd'].map((key) => ({ key, procedure: key })),
    { atOnce: 2, stopAfter: 1, order: (waiting) => [...waiting].toReversed() },
  )
  class Bad extends OpsError {
    readonly remedy = 'stop'
  }
  const { start, until, world, stored } = toyBench([parent, ...['a', 'b', 'c', 'd'].map((name) => child(name))])
  world.broken.set('c', () => new Bad('no such thing'))
  const run = await start('all')
  const end = await until(run.id, 'failed')
  expect(world.done).toEqual(['begin d', 'made d'])
  expect(end.reason).toContain('c "Make c": no such thing')
  const states = [...stored.runs.values()].filter(({ parent: of }) => of === run.id).map(({ state }) => state)
  expect(states).toEqual(['planned', 'planned', 'failed', 'succeeded'])
})

test('children of a parent wait for each other by their locks, and it ends when all have', async () => {
  const parent = toyParent(
    'all',
    ['a', 'b', 'c'].map((key) => ({ key, procedure: key })),
    { atOnce: 3 },
  )
  const { start, until, world, stored } = toyBench([
    parent,
    ...['a', 'b', 'c'].map((name) => child(name, [{ key: 'host:n1', capacity: 1 }])),
  ])
  const run = await start('all')
  await until(run.id, 'succeeded')
  expect(world.done).toEqual(['begin a', 'made a', 'begin b', 'made b', 'begin c', 'made c'])
  expect(stored.locks).toEqual([])
})

test('a parent that is undone undoes its children, the last first', async () => {
  const parent = toyParent(
    'all',
    ['a', 'b'].map((key) => ({ key, procedure: key })),
    { atOnce: 1 },
  )
  const { start, until, world, engine, clock } = toyBench([parent, ...['a', 'b'].map((name) => child(name))])
  const run = await start('all')
  await until(run.id, 'succeeded')
  await clock.pass(engine.undo(run.id, 'me'))
  await until(run.id, 'undone')
  expect(world.done.slice(4)).toEqual(['removed b', 'removed a'])
  expect([...world.there]).toEqual([])
})

test('a full disk under the store holds a run at a boundary, and nothing is half-written', async () => {
  let isFull = false
  const { start, until, sleep, world, problems, runOf } = toyBench([toyProcedure('p', [makes('a'), makes('b')])], {
    store: (stored) => {
      const inner = memoryRunStore(stored)
      return {
        transaction: async (work) => {
          if (isFull) throw new StoreUnusable('no space is left')
          return inner.transaction(work)
        },
      }
    },
  })
  const run = await start('p')
  await sleep(seconds(5))
  isFull = true
  await sleep(minutes(10))
  expect(world.done).toEqual(['begin a', 'made a'])
  expect(runOf(run.id).share).toBe(0)
  expect(problems.length).toBeGreaterThan(0)
  isFull = false
  await until(run.id, 'succeeded')
  expect(world.done).toEqual(['begin a', 'made a', 'begin b', 'made b'])
})

test('a plan that the world has outrun is refused, with what differs', async () => {
  let facts = 'guid 1'
  const { engine, clock } = toyBench([toyProcedure('p', [makes('a')], { facts: () => facts })])
  const { signal } = new AbortController()
  const shown = await clock.pass(engine.plan('p', {}, signal))
  facts = 'guid 2'
  const started = clock.pass(
    engine.start({ procedure: 'p', input: {}, planHash: shown.planHash, requestedBy: 'me' }, signal),
  )
  await expect(started).rejects.toThrow(PlanOutOfDate)
  await expect(started).rejects.toMatchObject({ difference: ['facts: "guid 1" is now "guid 2"'] })
})

test('what waited too long is planned anew with its locks in hand, and not begun where the world has moved on', async () => {
  let facts = 'guid 1'
  const long = toyProcedure('long', [makes('a', { takes: minutes(30) })], { locks: pool })
  const late = toyProcedure('late', [makes('b')], { locks: pool, facts: () => facts })
  const { start, until, world } = toyBench([long, late])
  await start('long')
  const waiting = await start('late')
  facts = 'guid 2'
  expect((await until(waiting.id, 'failed')).reason).toContain('facts: "guid 1" is now "guid 2"')
  expect(world.done).not.toContain('begin b')
})

test('a second person approves, bound to the plan; the first cannot', async () => {
  const { engine, clock, until } = toyBench([toyProcedure('p', [makes('a')])])
  const { signal } = new AbortController()
  const run = await clock.pass(
    engine.start({ procedure: 'p', input: {}, requestedBy: 'anna', approvalNeeded: true }, signal),
  )
  expect(run.state).toBe('planned')
  await expect(clock.pass(engine.approve(run.id, run.planHash, 'anna', signal))).rejects.toThrow('another person')
  await expect(clock.pass(engine.approve(run.id, 'abc', 'bert', signal))).rejects.toThrow(PlanOutOfDate)
  await clock.pass(engine.approve(run.id, run.planHash, 'bert', signal))
  await until(run.id, 'succeeded')
  expect((await clock.pass(engine.detail(run.id))).approvedBy).toBe('bert')
})

test('what has no way back is not undone, and says why', async () => {
  const { start, until, engine, clock, world } = toyBench([
    toyProcedure('p', [makes('a', { noWayBack: true }), makes('b')]),
  ])
  world.broken.set('b', () => new TypeError('broken'))
  const run = await start('p')
  await until(run.id, 'asking')
  await expect(clock.pass(engine.undo(run.id, 'me'))).rejects.toThrow(NotNow)
  await clock.pass(engine.leave(run.id, 'me'))
  expect(world.there.has('a')).toBe(true)
})

test('the same id gives the same run, however often it is asked for', async () => {
  const { engine, clock, until, world } = toyBench([toyProcedure('p', [makes('a')])])
  const { signal } = new AbortController()
  const request = { procedure: 'p', input: {}, requestedBy: 'me', id: '018f0000-0000-7000-8000-000000000001' }
  const first = await clock.pass(engine.start(request, signal))
  const second = await clock.pass(engine.start(request, signal))
  expect(second.id).toBe(first.id)
  await until(first.id, 'succeeded')
  expect(world.done).toEqual(['begin a', 'made a'])
  expect(Instant.parse(first.createdAt)).toBe(second.createdAt)
})

test('what has succeeded is left only where something of it stays, and is not taken back after that', async () => {
  const procedures = [toyProcedure('p', [makes('a')]), toyProcedure('q', [makes('b')], { stays: 'b' })]
  const { engine, clock, start, until, stored } = toyBench(procedures)
  const [gone, stays] = [await start('p'), await start('q')]
  for (const { id } of [gone, stays]) await until(id, 'succeeded')
  await expect(clock.pass(engine.leave(gone.id, 'me'))).rejects.toThrow('is succeeded')
  expect((await clock.pass(engine.leave(stays.id, 'me'))).state).toBe('left')
  await expect(clock.pass(engine.undo(stays.id, 'me'))).rejects.toThrow('is left')
  expect(stored.locks).toEqual([])
})

test('a run that was accepted is begun, also when the power is cut right after', async () => {
  const procedures = [toyProcedure('p', [makes('a')])]
  class PowerCut extends Error {}
  const cut = toyBench(procedures, {
    store: (stored) =>
      memoryRunStore(stored, {
        after(kind) {
          if (kind === 'created') throw new PowerCut()
        },
      }),
  })
  await expect(cut.start('p')).rejects.toThrow(PowerCut)
  const [run] = cut.stored.runs.values()
  const again = toyBench(procedures, { before: cut })
  await again.clock.pass(again.engine.recover())
  expect((await again.until(run?.id ?? '', 'succeeded')).state).toBe('succeeded')
})

test('what was canceled in its middle is paused, also when the engine dies in between', async () => {
  const procedures = [toyProcedure('p', [makes('a', { takes: minutes(50), pauses: true })])]
  class PowerCut extends Error {}
  let isCut = false
  const first = toyBench(procedures, {
    store: (stored) =>
      memoryRunStore(stored, {
        before() {
          if (isCut) throw new PowerCut()
        },
        after(kind) {
          isCut ||= kind === 'cancel-requested'
        },
      }),
  })
  const run = await first.start('p')
  await first.sleep(minutes(1))
  await first.clock.pass(first.engine.cancel(run.id, 'me'))
  void first.engine.close()
  await first.sleep(minutes(1))
  expect(first.runOf(run.id).state).toBe('running')
  const again = toyBench(procedures, { before: first })
  await again.clock.pass(again.engine.recover())
  await again.until(run.id, 'stopped')
  expect(again.world.done.at(-1)).toBe('paused a')
  expect(again.world.there.has('a')).toBe(false)
})

test('an undo that cannot look is tried again, as a step is; nobody is asked for every breath of a network', async () => {
  let isAway = false
  const step = makes('a')
  const { undo } = step
  if (undo.kind !== 'undo') throw new TypeError('it can be undone')
  const shy = {
    ...step,
    undo: {
      ...undo,
      async look(context: Parameters<typeof undo.look>[0]) {
        if (isAway) throw new Passing('the network')
        return undo.look(context)
      },
    },
  }
  const { start, until, sleep, engine, clock, runOf } = toyBench([toyProcedure('p', [shy])])
  const run = await start('p')
  await until(run.id, 'succeeded')
  isAway = true
  await clock.pass(engine.undo(run.id, 'me'))
  await sleep(seconds(5))
  expect(runOf(run.id)).toMatchObject({ state: 'undoing', reason: expect.stringContaining('again: the network') })
  isAway = false
  await until(run.id, 'undone')
})

const line = (verdict: Preflight['verdict']): Preflight => ({ title: 'n1 answers', verdict, says: 'the network' })

/** A run that waits for half an hour, and what its preflight says then. */
async function waited(verdict: () => Preflight['verdict']) {
  let hasBegun = false
  const long = toyProcedure('long', [makes('a', { takes: minutes(30) })], { locks: pool })
  const preflight = () => [line(hasBegun ? verdict() : 'holds')]
  const late = toyProcedure('late', [makes('b')], { locks: pool, preflight })
  const bench = toyBench([long, late])
  await bench.start('long')
  const { id } = await bench.start('late')
  hasBegun = true
  return { ...bench, id }
}

describe('what must hold, when a run has waited for its locks', () => {
  test('and cannot be seen, is looked at again for some minutes, and nobody is asked', async () => {
    let verdict: Preflight['verdict'] = 'unknown'
    const { id, sleep, until, runOf } = await waited(() => verdict)
    await sleep(minutes(31))
    expect(runOf(id)).toMatchObject({ state: 'running', reason: expect.stringContaining('n1 answers: the network') })
    verdict = 'holds'
    await until(id, 'succeeded')
  })

  test('and is never seen to, fails in the end with nothing done', async () => {
    const { id, until, world } = await waited(() => 'unknown')
    expect((await until(id, 'failed')).reason).toContain('not begun: n1 answers: the network')
    expect(world.done).not.toContain('begin b')
  })

  test('and is seen not to, fails at once', async () => {
    const { id, sleep, runOf } = await waited(() => 'objection')
    await sleep(minutes(31))
    expect(runOf(id).state).toBe('failed')
  })

  test('is not waited for by a run that is canceled', async () => {
    const { id, sleep, engine, clock, until, world } = await waited(() => 'unknown')
    await sleep(minutes(31))
    await clock.pass(engine.cancel(id, 'me'))
    await until(id, 'stopped')
    expect(world.done).not.toContain('begin b')
  })

  test('gives its locks up at once to one that comes before it, and begins after that', async () => {
    let verdict: Preflight['verdict'] = 'unknown'
    let hasBegun = false
    const long = toyProcedure('long', [makes('a', { takes: minutes(30) })], { locks: pool })
    const preflight = () => [line(hasBegun ? verdict : 'holds')]
    const late = toyProcedure('late', [makes('b')], { locks: pool, preflight, class: 'background' })
    const other = toyProcedure('other', [makes('c', { takes: seconds(1) })], { locks: pool, class: 'change' })
    const { start, sleep, until, runOf } = toyBench([long, late, other])
    await start('long')
    const { id } = await start('late')
    hasBegun = true
    await sleep(minutes(31.5))
    expect(runOf(id).state).toBe('running')
    const first = await start('other')
    await sleep(seconds(20))
    expect(runOf(first.id).state).toBe('succeeded')
    verdict = 'holds'
    await until(id, 'succeeded')
  })

  test('and is canceled meanwhile, stops at once', async () => {
    const { id, sleep, engine, clock, runOf } = await waited(() => 'unknown')
    await sleep(minutes(32))
    expect(runOf(id).state).toBe('running')
    await clock.pass(engine.cancel(id, 'me'))
    await sleep(seconds(1))
    expect(runOf(id).state).toBe('stopped')
  })

  test('but what was planned long ago cannot be planned anew, is looked at again, and fails in the end', async () => {
    let isAway = false
    const facts = () => {
      if (isAway) throw new InvalidInput('the agent of n1 does not answer', '')
      return 'same'
    }
    const long = toyProcedure('long', [makes('a', { takes: minutes(30) })], { locks: pool })
    const late = toyProcedure('late', [makes('b')], { locks: pool, facts })
    const { start, until, world } = toyBench([long, late])
    await start('long')
    const { id } = await start('late')
    isAway = true
    expect((await until(id, 'failed')).reason).toContain('the agent of n1 does not answer')
    expect(world.done).not.toContain('begin b')
  })
})

test('a run that the store has taken without being able to say so is worked on when it is asked for again', async () => {
  let isCut = true
  const { engine, clock, until } = toyBench([toyProcedure('one', [makes('a')])], {
    store: (stored) => {
      const store = memoryRunStore(stored)
      return {
        ...store,
        async transaction(work) {
          const answer = await store.transaction(work)
          if (answer !== true || !isCut) return answer
          isCut = false
          throw new StoreUnusable('the connection is gone')
        },
      }
    },
  })
  const request = { procedure: 'one', input: {}, requestedBy: 'me', id: 'asked-twice' }
  const { signal } = new AbortController()
  await expect(clock.pass(engine.start(request, signal))).rejects.toThrow(StoreUnusable)
  await clock.pass(engine.start(request, signal))
  await until('asked-twice', 'succeeded')
})
