import { describe, expect, test } from 'vitest'
import { minutes, seconds } from '../../src/domain/units.ts'
import type { Json, RunState } from '../../src/domain/run.ts'
import { RunEvent } from '../../src/engine/events.ts'
import { itemsOf } from '../../src/engine/procedure.ts'
import { replay } from '../../src/engine/transition.ts'
import { memoryRunStore } from '../builders/memory-run-store.ts'
import { makes, type ToyBench, toyBench, toyParent, toyProcedure } from '../builders/toy.ts'

const parts = ['a', 'b'].map((name) => toyProcedure(name, [makes(name, { takes: minutes(1) })]))
const procedures = [
  toyParent(
    'all',
    ['a', 'b'].map((key) => ({ key, procedure: key })),
    { atOnce: 1 },
  ),
  ...parts,
]

/** The same store after a run of a release that had no events for the children of a run. */
function asOlder(bench: ToyBench, id: string): ToyBench {
  const { stored, runOf } = bench
  const events = (stored.events.get(id) ?? [])
    .filter(({ body }) => !/"kind":"(?:phase-begun|step-finished|undo-finished)"/.test(JSON.stringify(body)))
    .map((event, index) => ({ ...event, sequence: index + 1 }))
  stored.events.set(id, events)
  stored.runs.set(id, { ...runOf(id), version: events.length })
  return toyBench(procedures, { before: bench })
}

describe('a run over many of an older release', () => {
  test('that has succeeded can be read, and taken back with all its children', async () => {
    const first = toyBench(procedures)
    const { id } = await first.start('all')
    await first.until(id, 'succeeded')
    await first.clock.pass(first.engine.close())
    const later = asOlder(first, id)
    expect((await later.clock.pass(later.engine.detail(id))).question).toBeUndefined()
    await later.clock.pass(later.engine.undo(id, 'me'))
    await later.until(id, 'undone')
    expect(later.world.there).toEqual(new Set())
    await later.clock.pass(later.engine.close())
    expect(asOlder(later, id).runOf(id).state).toBe('undone')
    expect(later.problems).toEqual([])
  })

  test('that works goes on', async () => {
    const first = toyBench(procedures)
    const { id } = await first.start('all')
    await first.sleep(seconds(90))
    await first.clock.pass(first.engine.close())
    const later = asOlder(first, id)
    await later.clock.pass(later.engine.recover())
    await later.until(id, 'succeeded')
    expect(later.world.there).toEqual(new Set(['a', 'b']))
    expect(later.problems).toEqual([])
  })

  test('that has failed is not said to be undone before its children are', async () => {
    const first = toyBench(procedures)
    first.world.broken.set('b', () => new Error('no'))
    const { id } = await first.start('all')
    await first.until([...first.stored.runs.values()].find(({ procedure }) => procedure === 'b')?.id ?? '', 'asking')
    const child = [...first.stored.runs.values()].find(({ procedure }) => procedure === 'b')
    await first.clock.pass(first.engine.undo(child?.id ?? '', 'me'))
    await first.until(id, 'failed')
    await first.clock.pass(first.engine.close())
    const later = asOlder(first, id)
    await later.clock.pass(later.engine.undo(id, 'me'))
    await later.until(id, 'undone')
    expect(later.world.there).toEqual(new Set())
  })

  test('that was undone is read as it was left', async () => {
    const first = toyBench(procedures)
    const { id } = await first.start('all')
    await first.until(id, 'succeeded')
    await first.clock.pass(first.engine.undo(id, 'me'))
    await first.until(id, 'undone')
    await first.clock.pass(first.engine.close())
    const later = asOlder(first, id)
    expect((await later.clock.pass(later.engine.detail(id))).run.reason).toBe('')
  })
})

test.each([0, 1])(
  'a run of this release that was cut off with its locks just taken is none of an older one',
  async (before) => {
    class PowerCut extends Error {}
    const firsts = before === 0 ? [] : [makes('first', { takes: seconds(1) })]
    const all = toyParent('all', [{ key: 'a', procedure: 'a' }], { before: firsts })
    let isCut = false
    const first = toyBench([all, ...parts], {
      store: (stored) =>
        memoryRunStore(stored, {
          before() {
            if (isCut) throw new PowerCut()
          },
          after(kind) {
            isCut ||= kind === 'locks-taken'
          },
        }),
    })
    const { id } = await first.start('all')
    void first.engine.close()
    await first.sleep(minutes(1))
    expect(first.runOf(id).state).toBe('running')
    const later = toyBench([all, ...parts], { before: first })
    await later.clock.pass(later.engine.cancel(id, 'me'))
    await later.until(id, 'stopped')
    await later.clock.pass(later.engine.undo(id, 'me'))
    await later.until(id, 'undone')
    // Strictly, as it was written.
    const written = (later.stored.events.get(id) ?? []).map(({ at, body }) => ({ at, event: RunEvent.parse(body) }))
    expect(
      replay(
        itemsOf(all.phases({})).map((item) => item.id),
        written,
      ).state,
    ).toBe('undone')
    expect(later.problems).toEqual([])
  },
)

const operation = '00e8d4a5-1000-7786-a818-01adf5620e99'
const begun = [
  { kind: 'started', by: 'somebody' },
  { kind: 'locks-taken' },
  { kind: 'step-begun', step: 'make-a', operation },
]

const failure = (error: string, remedy: string) => ({
  kind: 'step-failed',
  step: 'make-a',
  operationIsOver: false,
  error,
  remedy,
})

/** The store of a run with a journal of another release. */
async function withJournal(
  bodies: readonly { kind: string; [key: string]: Json }[],
  state: RunState,
): Promise<ToyBench & { id: string }> {
  const first = toyBench(procedures)
  const { id } = await first.start('a')
  await first.clock.pass(first.engine.close())
  const { stored, runOf, clock } = first
  stored.events.set(
    id,
    bodies.map((body, index) => ({ sequence: index + 1, at: clock.now(), body })),
  )
  // Its locks were let go.
  stored.locks = []
  stored.runs.set(id, { ...runOf(id), version: bodies.length, state, reason: '' })
  return { ...toyBench(procedures, { before: first }), id }
}

describe('a run of an older release with an attempt that may have been under way', () => {
  const overdue = '"Make a" has not ended within 600 s'
  const question = `"Make a" has not worked: ${overdue}`
  const asked = [
    ...begun,
    failure(overdue, 'ask'),
    { kind: 'asked', question, choices: ['look-again', 'undo', 'leave'] },
    { kind: 'cancel-requested', by: 'olga' },
  ]
  // As the engine of commit 9f50189 has written them.
  const stopped = [...asked, { kind: 'stopped', reason: 'canceled by olga' }]
  const failed = [...begun, failure('no', 'stop'), { kind: 'failed', error: '"Make a": no' }]
  const away = failure('away', 'retry')
  const betweenTries = [
    ...begun,
    away,
    away,
    { kind: 'cancel-requested', by: 'olga' },
    { kind: 'stopped', reason: 'canceled' },
  ]
  const forms: [string, { kind: string; [key: string]: Json }[], RunState][] = [
    ['that was stopped while it asked', stopped, 'stopped'],
    ['that was stopped between two tries', betweenTries, 'stopped'],
    ['that has failed', failed, 'failed'],
  ]

  test.each(forms)('%s goes on under the same id', async (_, bodies, state) => {
    const { id, engine, clock, until, stored, problems } = await withJournal(bodies, state)
    expect((await clock.pass(engine.detail(id))).steps).toMatchObject([{ id: 'make-a', attempts: 1 }])
    await clock.pass(engine.resume(id, 'me'))
    await until(id, 'succeeded')
    expect(JSON.stringify(stored.events.get(id)).match(/step-begun/g)).toHaveLength(1)
    expect(problems).toEqual([])
  })

  test.each(forms)('%s can be undone, or left', async (_, bodies, state) => {
    const undone = await withJournal(bodies, state)
    await undone.clock.pass(undone.engine.undo(undone.id, 'me'))
    await undone.until(undone.id, 'undone')
    const left = await withJournal(bodies, state)
    expect((await left.clock.pass(left.engine.leave(left.id, 'me'))).state).toBe('left')
    expect([...undone.problems, ...left.problems, ...left.stored.locks]).toEqual([])
    // What it was left with can be read.
    const later = toyBench(procedures, { before: left })
    expect((await later.clock.pass(later.engine.detail(left.id))).run.state).toBe('left')
  })

  test.each<[string, { kind: string; [key: string]: Json }[], RunState]>([
    ['that works', [{ kind: 'resumed', by: 'olga' }, { kind: 'locks-taken' }], 'running'],
    ['that waits', [{ kind: 'resumed', by: 'olga' }], 'waiting'],
  ])('resumed, one %s goes on, and can be canceled', async (_, more, state) => {
    const going = await withJournal([...stopped, ...more], state)
    await going.clock.pass(going.engine.recover())
    await going.until(going.id, 'succeeded')
    const canceled = await withJournal([...stopped, ...more], state)
    await canceled.clock.pass(canceled.engine.cancel(canceled.id, 'me'))
    // What cannot be paused is waited for.
    await canceled.until(canceled.id, 'succeeded')
    expect([...going.problems, ...canceled.problems]).toEqual([])
  })
})

describe('a run of an older release that was left', () => {
  const asked = { kind: 'asked', question: 'how is it?', choices: ['look-again', 'undo', 'leave'] }
  test.each<[string, { kind: string; [key: string]: Json }[]]>([
    ['by an answer', [asked, { kind: 'answered', choice: 'leave', by: 'me' }]],
    ['by a word of its own', [asked, { kind: 'left', by: 'me' }]],
  ])('%s, while something of it may have been under way, can be read', async (_how, words) => {
    const failed = { kind: 'step-failed', step: 'make-a', error: 'no', remedy: 'ask', operationIsOver: false }
    const { id, clock, engine } = await withJournal([...begun, failed, ...words], 'left')
    const { run, steps } = await clock.pass(engine.detail(id))
    expect([run.state, run.reason]).toEqual(['left', ''])
    expect(steps).toMatchObject([{ id: 'make-a', error: 'no' }])
  })
})
