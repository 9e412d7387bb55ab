import { describe, expect, test } from 'vitest'
import { OpsError } from '../../src/domain/errors.ts'
import { minutes, seconds } from '../../src/domain/units.ts'
import { NotNow, PreflightObjects } from '../../src/engine/errors.ts'
import type { Preflight } from '../../src/engine/procedure.ts'
import { makes, type ToyBench, toyBench, toyParent, toyProcedure } from '../builders/toy.ts'

class Bad extends OpsError {
  readonly remedy = 'stop'
}
class Unsure extends OpsError {
  readonly remedy = 'ask'
}

const part = (name: string, options: Parameters<typeof toyProcedure>[2] = {}) =>
  toyProcedure(name, [makes(name, { takes: minutes(1), pauses: true })], options)
const keysOf = (...names: string[]) => names.map((key) => ({ key, procedure: key }))
const pool = [{ key: 'pool:n1/hot', capacity: 1 }]
const { signal } = new AbortController()

const childOf = ({ stored }: ToyBench, procedure: string) => {
  const found = [...stored.runs.values()].find((run) => run.procedure === procedure)
  if (found === undefined) throw new TypeError(`there is no ${procedure}`)
  return found
}

const phased = (options: Parameters<typeof toyParent>[2] = {}) =>
  toyParent('all', keysOf('a', 'b', 'c'), {
    before: [makes('first', { takes: seconds(1) })],
    after: [makes('last', { takes: seconds(1) })],
    ...options,
  })

describe('phases', () => {
  test('come one after the other: steps before all, children, steps after all; and back the other way', async () => {
    const { start, until, world, engine, clock } = toyBench([phased(), part('a'), part('b'), part('c')])
    const { id } = await start('all')
    await until(id, 'succeeded')
    expect(world.done.filter((done) => done.startsWith('made'))).toEqual([
      'made first',
      'made a',
      'made b',
      'made c',
      'made last',
    ])
    await clock.pass(engine.undo(id, 'me'))
    await until(id, 'undone')
    expect(world.done.slice(-5)).toEqual(['removed last', 'removed c', 'removed b', 'removed a', 'removed first'])
  })

  test('a gate between two batches is waited for, and a person is asked in the end', async () => {
    let verdict: Preflight['verdict'] = 'objection'
    const gate = {
      title: 'all peers are READY',
      within: minutes(10),
      look: async () => [{ title: 'n2', verdict, says: 'still joining' }],
    }
    const { start, until, world, engine, clock, sleep, runOf } = toyBench([
      phased({ gate }),
      part('a'),
      part('b'),
      part('c'),
    ])
    const { id } = await start('all')
    await sleep(minutes(5))
    expect(runOf(id)).toMatchObject({ state: 'running', reason: expect.stringContaining('all peers are READY: n2') })
    expect(world.there).toEqual(new Set(['first', 'a', 'b']))
    expect((await until(id, 'asking')).reason).toContain('still joining')
    verdict = 'holds'
    await clock.pass(engine.answer(id, 'look-again', 'me'))
    await until(id, 'succeeded')
  })
})

describe('a part of a run', () => {
  test('is planned when its turn comes, and begun with what it is then', async () => {
    let facts = 'same'
    const b = part('b', { facts: () => facts })
    const bench = toyBench([
      toyParent('all', keysOf('a', 'b'), { atOnce: 1 }),
      part('a'),
      { ...b, essence: () => 'all is one' },
    ])
    const { id } = await bench.start('all')
    facts = 'a bit later'
    await bench.until(id, 'succeeded')
    expect(childOf(bench, 'b').plan).toEqual({ facts: 'a bit later' })
  })

  test('is not begun where it is essentially another than what was approved', async () => {
    let facts = 'same'
    const bench = toyBench([
      toyParent('all', keysOf('a', 'b'), { atOnce: 1 }),
      part('a'),
      part('b', { facts: () => facts }),
    ])
    const { id } = await bench.start('all')
    facts = 'another guid'
    expect((await bench.until(id, 'failed')).reason).toContain('facts: "same" is now "another guid"')
    expect(bench.world.there).toEqual(new Set(['a']))
  })

  test('is neither approved nor started by itself', async () => {
    const bench = toyBench([toyParent('all', keysOf('a', 'b')), part('a'), part('b')])
    const { engine, clock } = bench
    const asked = { procedure: 'all', input: {}, requestedBy: 'olga', approvalNeeded: true }
    const run = await clock.pass(engine.start(asked, signal))
    const approved = clock.pass(engine.approve(childOf(bench, 'a').id, run.planHash, 'pete', signal))
    await expect(approved).rejects.toThrow('a part of another')
    await bench.sleep(minutes(5))
    expect(bench.world.done).toEqual([])
  })

  test('goes by the window of the whole', async () => {
    const asked = new Set<string>()
    const bench = toyBench([toyParent('all', keysOf('a')), part('a')], {
      gate: async ({ procedure }) => {
        asked.add(procedure)
        return { open: true }
      },
    })
    await bench.until((await bench.start('all')).id, 'succeeded')
    expect(asked).toEqual(new Set(['all']))
  })
})

const withoutWayBack = () =>
  toyBench([toyParent('all', keysOf('a', 'b')), part('a'), toyProcedure('b', [makes('b', { noWayBack: true })])])

/** One part works and another waits for its lock; what is looked at meanwhile is counted. */
const waitingForLock = async () => {
  const seen = { locks: 0, gate: 0, open: true }
  const watched = {
    get key() {
      seen.locks += 1
      return 'pool:n1/hot'
    },
    capacity: 1,
  }
  const slow = toyProcedure('a', [makes('a', { takes: minutes(9) })], { locks: pool })
  const bench = toyBench([toyParent('all', keysOf('a', 'b')), slow, part('b', { locks: [watched] })], {
    gate: async () => {
      seen.gate += 1
      return seen.open ? { open: true } : { open: false, reason: 'it is frozen', until: null }
    },
  })
  const { id } = await bench.start('all')
  await bench.sleep(minutes(1))
  return { bench, id, seen }
}

describe('parts that wait for a lock', () => {
  test('are not looked at again while nothing changes: only the gate is', async () => {
    const { bench, id, seen } = await waitingForLock()
    const before = { ...seen }
    await bench.sleep(minutes(7))
    expect(seen.locks).toBe(before.locks)
    expect(seen.gate).toBeGreaterThan(before.gate + 20)
    await bench.until(id, 'succeeded')
    // What is not seen there is seen when the lock is let go.
    expect(seen.locks).toBeGreaterThan(before.locks)
  })

  test('leave the queue when the gate closes', async () => {
    const { bench, id, seen } = await waitingForLock()
    seen.open = false
    await bench.sleep(minutes(1))
    expect(bench.runOf(id).reason).toBe('it is frozen')
  })
})

describe('undo of a fleet-wide run', () => {
  test('asks where a part has no way back; that one can be left as it is, and the others are undone', async () => {
    const bench = withoutWayBack()
    const { id } = await bench.start('all')
    await bench.until(id, 'succeeded')
    await bench.clock.pass(bench.engine.undo(id, 'olga'))
    expect((await bench.until(id, 'asking')).reason).toContain('b has no way back')
    await bench.clock.pass(bench.engine.answer(id, 'skip', 'olga'))
    await bench.until(id, 'undone')
    expect(bench.world.there).toEqual(new Set(['b']))
    expect(childOf(bench, 'b').state).toBe('left')
    expect(bench.problems).toEqual([])
  })

  test('or all of it is left', async () => {
    const bench = withoutWayBack()
    const { id } = await bench.start('all')
    await bench.until(id, 'succeeded')
    await bench.clock.pass(bench.engine.undo(id, 'olga'))
    await bench.until(id, 'asking')
    expect((await bench.clock.pass(bench.engine.leave(id, 'olga'))).state).toBe('left')
  })

  test('takes back a part that asks in its forward run', async () => {
    const bench = toyBench([toyParent('all', keysOf('a', 'b'), { stopAfter: 3 }), part('a'), part('b')])
    bench.world.broken.set('b', () => new Bad('bad'))
    const { id } = await bench.start('all')
    await bench.until(id, 'failed')
    bench.world.broken.set('b', () => new Unsure('ask'))
    const b = childOf(bench, 'b')
    await bench.clock.pass(bench.engine.resume(b.id, 'olga'))
    await bench.until(b.id, 'asking')
    await bench.clock.pass(bench.engine.undo(id, 'olga'))
    await bench.until(id, 'undone')
    expect(bench.world.there).toEqual(new Set())
  })

  test('stops a part that works, and takes it back then', async () => {
    const bench = toyBench([toyParent('all', keysOf('a', 'b'), { stopAfter: 3 }), part('a'), part('b')])
    bench.world.broken.set('b', () => new Bad('bad'))
    const { id } = await bench.start('all')
    await bench.until(id, 'failed')
    bench.world.broken.clear()
    const b = childOf(bench, 'b')
    await bench.clock.pass(bench.engine.resume(b.id, 'olga'))
    await bench.sleep(seconds(10))
    await bench.clock.pass(bench.engine.undo(id, 'olga'))
    await bench.until(id, 'undone')
    expect(bench.world.done).toContain('paused b')
  })
})

const stopped = async (objects: () => readonly string[]) => {
  const preflight = (name: string) => (): Preflight[] =>
    objects().includes(name) ? [{ title: 'x', verdict: 'objection', says: 'not now' }] : []
  const bench = toyBench([
    toyParent('all', keysOf('a', 'b', 'c'), { atOnce: 3, stopAfter: 5 }),
    ...['a', 'b', 'c'].map((name) => part(name, { preflight: preflight(name) })),
  ])
  const { id } = await bench.start('all')
  await bench.sleep(seconds(20))
  await bench.clock.pass(bench.engine.cancel(id, 'olga'))
  await bench.until(id, 'stopped')
  return { ...bench, id }
}

describe('resume of a fleet-wide run', () => {
  test('goes on with the rest where a part was left: that one counts no more', async () => {
    const bench = toyBench([toyParent('all', keysOf('a', 'b', 'c'), { atOnce: 1 }), part('a'), part('b'), part('c')])
    bench.world.broken.set('a', () => new Bad('disk gone'))
    const { id } = await bench.start('all')
    await bench.until(id, 'failed')
    await bench.clock.pass(bench.engine.leave(childOf(bench, 'a').id, 'olga'))
    await bench.clock.pass(bench.engine.resume(id, 'olga'))
    await bench.until(id, 'succeeded')
    expect(bench.world.there).toEqual(new Set(['b', 'c']))
  })

  test('looks at all parts first: one that is not fit stays as it is, and says why; the others go on', async () => {
    let objects: string[] = []
    const bench = await stopped(() => objects)
    objects = ['a']
    await bench.clock.pass(bench.engine.resume(bench.id, 'olga'))
    expect(childOf(bench, 'a')).toMatchObject({ state: 'stopped', reason: 'not resumed: x: not now' })
    expect((await bench.until(bench.id, 'failed')).reason).toContain('a was stopped')
    expect(bench.world.there).toEqual(new Set(['b', 'c']))
  })

  test('is refused where none is fit, and nothing is changed', async () => {
    let objects: string[] = []
    const bench = await stopped(() => objects)
    const version = bench.runOf(bench.id).version
    objects = ['a', 'b', 'c']
    await expect(bench.clock.pass(bench.engine.resume(bench.id, 'olga'))).rejects.toThrow(PreflightObjects)
    expect(bench.runOf(bench.id)).toMatchObject({ state: 'stopped', version })
  })
})

test('what this release cannot read can be shown and left, and its locks are let go then', async () => {
  const before = toyBench([toyProcedure('old', [makes('a', { takes: minutes(9) })], { locks: pool })])
  const { id } = await before.start('old')
  await before.sleep(seconds(30))
  await before.engine.close()
  const bench = toyBench([part('new', { locks: pool })], { before })
  const { clock, engine } = bench
  await clock.pass(engine.recover())
  await bench.sleep(minutes(60))
  expect(bench.problems).toHaveLength(1)
  const next = await bench.start('new')
  await bench.sleep(minutes(10))
  expect(bench.runOf(next.id).state).toBe('waiting')
  expect(await clock.pass(engine.detail(id))).toMatchObject({
    run: { reason: expect.stringContaining('this release cannot read') },
    steps: [],
  })
  await expect(clock.pass(engine.cancel(id, 'olga'))).rejects.toThrow(NotNow)
  await clock.pass(engine.leave(id, 'olga'))
  expect(bench.runOf(id).state).toBe('left')
  await bench.until(next.id, 'succeeded')
  // What it was is read again where it can be.
  const again = toyBench([toyProcedure('old', [makes('a')], { locks: pool })], { before: bench })
  expect((await again.clock.pass(again.engine.detail(id))).run.state).toBe('left')
})

test('canceling a fleet-wide run is said to each part once, also to one that asks and cannot stop', async () => {
  const cannot = makes('b', { takes: minutes(60), pauses: true })
  const stubborn: typeof cannot = {
    ...cannot,
    pause: {
      title: 'Pause b',
      commands: [],
      run: async () => {
        throw new Unsure('it cannot be paused')
      },
    },
  }
  const bench = toyBench([toyParent('all', keysOf('a', 'b')), part('a'), toyProcedure('b', [stubborn])])
  const { id } = await bench.start('all')
  await bench.sleep(seconds(10))
  await bench.clock.pass(bench.engine.cancel(id, 'olga'))
  await bench.sleep(minutes(7))
  expect(childOf(bench, 'b')).toMatchObject({ state: 'asking' })
  expect(childOf(bench, 'b').version).toBeLessThan(12)
  expect(bench.runOf(id)).toMatchObject({ state: 'running', reason: 'b: a person is asked' })
})
