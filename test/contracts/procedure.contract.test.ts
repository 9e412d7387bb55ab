import { describe, expect, test } from 'vitest'
import { seconds } from '../../src/domain/units.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { NoWayBack, PreflightObjects } from '../../src/engine/errors.ts'
import { workOf } from '../../src/engine/journal.ts'
import { procedures } from '../../src/procedures/index.ts'
import { type Case, casesOf, createProcedureBench, type Outcome, outcomeOf } from './procedure-bench.ts'
import {
  afterCut,
  afterDeath,
  answerUntilOver,
  canceledAt,
  failing,
  seeThrough,
  type Setting,
  twice,
  undisturbed,
  undone,
  withBrokenStep,
  writesBehind,
} from './procedure-proofs.ts'

// Every procedure of the registry, with each of its examples that can be begun: a new one is in here without a line.

const setting: Setting = { procedures }
const cases = casesOf(procedures).map((one) => ({ ...one, name: `${one.procedure.name}: ${one.example.name}` }))

/** The first cut that comes to another end than it should; undefined where there is none. */
async function firstBadCut(broken: Setting, one: Case, outcome: Outcome, writes: readonly string[]) {
  for (const [write, kind] of writes.entries()) {
    for (const when of ['before', 'after'] as const) {
      const end = await afterCut(broken, one, { write, when }).catch((error: unknown) => String(error))
      if (end === 'never begun') continue
      const isSame = JSON.stringify(end) === JSON.stringify(outcome)
      if (!isSame) return { cut: `${when} write ${write} (${kind})`, end, outcome }
    }
  }
  return undefined
}

const stepsOf = async (one: Case): Promise<string[]> => (await shownSteps(one)).map(({ id }) => id)

const shownSteps = async ({ procedure, example }: Case) => {
  const bench = createProcedureBench(procedures, example.faults)
  const engine = bench.start()
  const planned = await bench.pass(engine.plan(procedure.name, example.input, new AbortController().signal))
  await bench.pass(engine.close())
  return planned.steps
}

// Hundreds of runs in one test, each some milliseconds on a machine that does nothing else.
describe.each(cases)('$name', { timeout: 300_000 }, (one) => {
  test('comes to its end, and holds no lock there', async () => {
    const { outcome, rests } = await undisturbed(setting, one)
    expect(rests).toBe(one.example.ends ?? 'succeeded')
    // One that asks is in the middle of something.
    expect(outcome.locks).toBe(outcome.state === 'asking' ? outcome.locks : 0)
  })

  test('says that something of it stays where its undo takes something away, and only there', async () => {
    expect([undefined, one.procedure.stays !== undefined]).toContain(await undoTakesAway(one))
  })

  test('comes to the same end wherever the power is cut, before and after every write', async () => {
    const { outcome, writes } = await undisturbed(setting, one)
    expect(writes.length).toBeGreaterThan(2)
    expect(await firstBadCut(setting, one, outcome, writes)).toBeUndefined()
  })

  test('comes to the same end whenever its engine dies, and whatever has become of the agents by then', async () => {
    const { outcome } = await undisturbed(setting, one)
    for (const after of [0, 1, 3, 7, 12, 19, 33, 60, 600].map(seconds)) {
      expect(await afterDeath(setting, one, { after }), `after ${after / 1000} s`).toEqual(outcome)
      for (const commandsGoOn of [false, true]) {
        const end = await afterDeath(setting, one, { after, agents: { commandsGoOn } })
        // What was to fail may have gone on without anybody to be told of its failure.
        const expected = end.state === 'succeeded' ? { ...outcome, state: end.state, locks: 0 } : outcome
        expect(end, `agents die after ${after / 1000} s, commands go on: ${commandsGoOn}`).toEqual(expected)
      }
    }
  })

  test('comes to the same end when a step does everything twice', async () => {
    const { outcome } = await undisturbed(setting, one)
    for (const [index, step] of (await stepsOf(one)).entries()) {
      const bench = createProcedureBench(procedures, one.example.faults)
      const broken = withBrokenStep(setting, one.procedure.name, index, twice)
      const engine = createProcedureBenchOn(bench, broken)
      const run = await seeThrough(bench, engine, one)
      expect(outcomeOf(bench, run), `${step} twice`).toEqual(outcome)
      await bench.pass(engine.close())
    }
  })

  test('leaves nothing behind when a step fails and it is undone', async () => {
    const steps = await shownSteps(one)
    for (const [index, { id: step }] of steps.entries()) {
      for (const where of ['before', 'after'] as const) {
        const bench = createProcedureBench(procedures, one.example.faults)
        const engine = createProcedureBenchOn(bench, withBrokenStep(setting, one.procedure.name, index, failing(where)))
        const run = await seeThrough(bench, engine, one)
        // A step that was seen to be done already is not run, and cannot fail.
        if (bench.runNow(run).state === 'succeeded') continue
        const isFinal = steps.slice(0, index + 1).some(({ undo }) => undo.kind === 'noWayBack')
        const end = await undoneOrLeft(bench, engine, run)
        expect({ ...end, effects: {} }, `${step} fails ${where}`).toEqual({
          ...nothingLeft,
          state: isFinal ? 'left' : 'undone',
        })
        await bench.pass(engine.close())
      }
    }
  })

  test('stops where it is canceled; then it can be undone, or goes on', async () => {
    const { outcome, writes } = await undisturbed(setting, one)
    const ends: { canceled: string; held: number; back: Outcome; on: string }[] = []
    for (const [write, kind] of writes.entries()) {
      const first = await canceledAt(setting, one, write)
      // Elsewhere it was quicker: it has succeeded, or asks.
      if (first.bench.runNow(first.run).state === 'stopped') {
        const held = first.bench.held().length
        const back = await undoneOrLeft(first.bench, first.engine, first.run)
        const second = await canceledAt(setting, one, write)
        await second.bench.pass(second.engine.resume(second.run, 'proof'))
        const { state: on } = await answerUntilOver(second.bench, second.engine, second.run)
        ends.push({ canceled: kind, held, back: { ...back, effects: {}, children: [] }, on })
        await second.bench.pass(second.engine.close())
      }
      await first.bench.pass(first.engine.close())
    }
    // One step alone is over before anybody can stop between two.
    expect(ends.length > 0 || (await stepsOf(one)).length === 1).toBe(true)
    const hasNoWayBack = (await shownSteps(one)).some(({ undo }) => undo.kind === 'noWayBack')
    expect(ends).toEqual(
      ends.map(({ canceled, back: { state } }) => ({
        canceled,
        held: 0,
        back: { ...nothingLeft, state: hasNoWayBack && state === 'left' ? 'left' : 'undone' },
        on: outcome.state,
      })),
    )
  })

  test('two at once come one after the other', async () => {
    const bench = createProcedureBench(procedures, one.example.faults)
    const engine = bench.start()
    const { signal } = new AbortController()
    const request = { procedure: one.procedure.name, input: one.example.input, requestedBy: 'proof' }
    const asked = await bench.pass(Promise.allSettled([engine.start(request, signal), engine.start(request, signal)]))
    const runs = asked.flatMap((one_) => (one_.status === 'fulfilled' ? [one_.value] : []))
    const refused = asked.flatMap((one_) => (one_.status === 'rejected' ? [one_.reason] : []))
    // The second may have come when the first had changed the world already.
    expect(refused.filter((error) => !(error instanceof PreflightObjects))).toEqual([])
    expect(runs.length).toBeGreaterThan(0)
    let together = 0
    engine.subscribe(() => {
      const byKey = Map.groupBy(bench.held(), ({ key }) => key)
      for (const locks of byKey.values()) {
        if (locks.length > Math.min(...locks.map(({ capacity }) => capacity))) together += 1
      }
    })
    for (const { id } of runs) {
      const { state } = await answerUntilOver(bench, engine, id)
      if (state === 'asking') await undone(bench, engine, id)
    }
    expect(together).toBe(0)
    expect(bench.held()).toEqual([])
    await bench.pass(engine.close())
  })
})

/** Whether the undo of a run that has succeeded does anything; undefined where it does not succeed, or has no way back. */
async function undoTakesAway(one: Case): Promise<boolean | undefined> {
  const bench = createProcedureBench(procedures, one.example.faults)
  const engine = bench.start()
  const run = await seeThrough(bench, engine, one)
  const { state, effects } = outcomeOf(bench, run)
  try {
    if (state !== 'succeeded') return undefined
    const end = await undone(bench, engine, run)
    return JSON.stringify(end.effects) !== JSON.stringify(effects)
  } catch (error) {
    if (!(error instanceof NoWayBack)) throw error
    return undefined
  } finally {
    await bench.pass(engine.close())
  }
}

/** What is left of a run: where its undo is refused, as a step of it has no way back, a person leaves it. */
async function undoneOrLeft(bench: ReturnType<typeof createProcedureBench>, engine: Engine, run: string) {
  try {
    return await undone(bench, engine, run)
  } catch (error) {
    if (!(error instanceof NoWayBack)) throw error
    await bench.pass(engine.leave(run, 'proof'))
    const { state, locks } = outcomeOf(bench, run)
    return { ...nothingLeft, state, locks }
  }
}

const nothingLeft: Outcome = { state: 'undone', effects: {}, marks: [], locks: 0, children: [] }

/** An engine with other procedures, on a bench that is there already. */
function createProcedureBenchOn(bench: ReturnType<typeof createProcedureBench>, { procedures: others }: Setting) {
  return bench.start({}, undefined, others)
}

describe('the proofs themselves find what they are for', () => {
  const [one] = cases
  if (one === undefined) throw new Error('no procedure has an example that can be begun')

  test('a journal that is written after the deed', async () => {
    const { outcome, writes } = await undisturbed(setting, one)
    expect(await firstBadCut({ ...setting, wrapStore: writesBehind }, one, outcome, writes)).toBeDefined()
  })

  test('a step that is run without a look at the world before', async () => {
    const { outcome, writes } = await undisturbed(setting, one)
    const blind = withBrokenStep(setting, one.procedure.name, 0, (step) => {
      let looks = 0
      return {
        ...step,
        look: async (context) => {
          looks += 1
          return looks % 2 === 1 ? { state: 'absent' } : step.look(context)
        },
      }
    })
    expect(await firstBadCut(blind, one, outcome, writes)).toBeDefined()
  })

  test.each<['always done' | 'never done']>([['always done'], ['never done']])('a look that says %s', async (lie) => {
    const { outcome, writes } = await undisturbed(setting, one)
    const lying = withBrokenStep(setting, one.procedure.name, 0, (step) => ({
      ...step,
      look: async ({ begun }) =>
        lie === 'never done'
          ? { state: 'absent' }
          : { state: 'done', result: { mark: 'x', operation: begun?.operation ?? '' } },
    }))
    const end = await undisturbed(lying, one).catch((error: unknown) => ({ outcome: String(error) }))
    const isFound = JSON.stringify(end.outcome) !== JSON.stringify(outcome)
    expect(isFound || (await firstBadCut(lying, one, outcome, writes)) !== undefined).toBe(true)
  })

  test('an undo that does nothing', async () => {
    const bench = createProcedureBench(procedures)
    const broken = withBrokenStep(setting, one.procedure.name, 0, (step) => ({
      ...failing('after')(step),
      undo: { kind: 'nothing', because: 'a lie' },
    }))
    const engine = createProcedureBenchOn(bench, broken)
    const run = await seeThrough(bench, engine, one)
    const end = await undone(bench, engine, run)
    expect({ ...end, effects: {} }).not.toEqual(nothingLeft)
    await bench.pass(engine.close())
  })
})

test('the journal says of every step when it was begun, and with which operation', async () => {
  const [one] = cases
  if (one === undefined) throw new Error('no procedure has an example that can be begun')
  const bench = createProcedureBench(procedures)
  const engine = bench.start()
  const run = await seeThrough(bench, engine, one)
  const { steps } = await bench.pass(engine.detail(run))
  expect(steps.every(({ state, attempts, how }) => state === 'done' && (attempts === 1 || how === 'look'))).toBe(true)
  expect(workOf({}, 'none').operations).toEqual([])
  await bench.pass(engine.close())
})
