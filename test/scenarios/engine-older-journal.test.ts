import { describe, expect, test } from 'vitest'
import { minutes, seconds } from '../../src/domain/units.ts'
import type { Json } from '../../src/domain/run.ts'
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

describe('a run of an older release that was left', () => {
  const asked = { kind: 'asked', question: 'how is it?', choices: ['look-again', 'undo', 'leave'] }
  test.each<[string, { kind: string; [key: string]: Json }[]]>([
    ['by an answer', [asked, { kind: 'answered', choice: 'leave', by: 'me' }]],
    ['by a word of its own', [asked, { kind: 'left', by: 'me' }]],
  ])('%s, while something of it may have been under way, can be read', async (_how, words) => {
    const first = toyBench(procedures)
    const { id } = await first.start('a')
    await first.sleep(seconds(10))
    await first.clock.pass(first.engine.close())
    const { stored, runOf, clock } = first
    const failed = { kind: 'step-failed', step: 'make-a', error: 'no', remedy: 'ask', operationIsOver: false }
    const events = [...(stored.events.get(id) ?? []).map(({ body }) => body), failed, ...words]
    stored.events.set(
      id,
      events.map((body, index) => ({ sequence: index + 1, at: clock.now(), body })),
    )
    stored.runs.set(id, { ...runOf(id), version: events.length, state: 'left', reason: '' })
    const later = toyBench(procedures, { before: first })
    const { run, steps } = await later.clock.pass(later.engine.detail(id))
    expect([run.state, run.reason]).toEqual(['left', ''])
    expect(steps).toMatchObject([{ id: 'make-a', error: 'no' }])
  })
})
