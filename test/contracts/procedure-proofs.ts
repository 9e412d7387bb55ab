import { OpsError } from '../../src/domain/errors.ts'
import type { RunStore, RunTransaction } from '../../src/domain/ports/run-store.ts'
import type { Duration } from '../../src/domain/units.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { RunEvent } from '../../src/engine/events.ts'
import { NotNow } from '../../src/engine/errors.ts'
import type { Procedure } from '../../src/engine/procedure.ts'
import type { Step } from '../../src/engine/step.ts'
import { loseOperations } from '../../src/sim/sim-agent.ts'
import type { RunRecord } from '../../src/domain/run.ts'
import type { Cuts } from '../builders/memory-run-store.ts'
import type { World as ProcedureWorld } from '../../src/procedures/world.ts'
import {
  type Case,
  createProcedureBench,
  isResting,
  type Outcome,
  outcomeOf,
  PowerCut,
  type ProcedureBench,
} from './procedure-bench.ts'

/** What a proof is run with: the registry, perhaps with one procedure broken on purpose, and perhaps a store that lies. */
export interface Setting {
  procedures: readonly Procedure<ProcedureWorld>[]
  wrapStore?: (store: RunStore) => RunStore
}

const by = 'proof'

/** Starts the run of an example, and sees it through: what asks and offers `run` is told to run. */
export async function seeThrough(bench: ProcedureBench, engine: Engine, { procedure, example }: Case): Promise<string> {
  const { signal } = new AbortController()
  const { id } = await bench.pass(
    engine.start({ procedure: procedure.name, input: example.input, requestedBy: by }, signal),
  )
  await answerUntilOver(bench, engine, id)
  return id
}

/** Goes on until the run rests; the question of a step that offers `run` is answered, once each. */
export async function answerUntilOver(bench: ProcedureBench, engine: Engine, run: string): Promise<RunRecord> {
  for (;;) {
    const record = await bench.untilResting(run)
    if (record.state !== 'asking') return record
    const { question } = await bench.pass(engine.detail(run))
    if (question?.choices.includes('run') !== true) return record
    await bench.pass(engine.answer(run, 'run', by))
  }
}

/** What comes of an example that nobody disturbs, and the journal's writes on the way, by their first event. */
export async function undisturbed(
  setting: Setting,
  one: Case,
): Promise<{ outcome: Outcome; writes: string[]; rests: RunRecord['state'] }> {
  const bench = createProcedureBench(setting.procedures, one.example.faults)
  const writes: string[] = []
  const engine = bench.start({ before: (kind) => void writes.push(kind) }, setting.wrapStore)
  let rests: RunRecord['state'] = 'planned'
  engine.subscribe((notice) => {
    if (notice.kind === 'run' && isResting(notice.run) && rests === 'planned' && notice.run.parent === null) {
      rests = notice.run.state
    }
  })
  const run = await seeThrough(bench, engine, one)
  await bench.pass(engine.close())
  if (bench.problems.length > 0) throw new Error('a fault of the engine', { cause: bench.problems[0] })
  return { outcome: outcomeOf(bench, run), writes, rests }
}

/**
 * The power goes at one write of the journal: before it is on the disk, or after. Another engine starts on what is there, and goes on.
 * What comes of it in the end.
 */
export async function afterCut(
  setting: Setting,
  one: Case,
  cut: { write: number; when: 'before' | 'after' },
): Promise<Outcome | 'never begun'> {
  const bench = createProcedureBench(setting.procedures, one.example.faults)
  let writes = 0
  let isDown = false
  const down = Promise.withResolvers<void>()
  const count = (when: 'before' | 'after') => {
    if (isDown) throw new PowerCut()
    if (when === cut.when) {
      if (writes === cut.write) {
        isDown = true
        down.resolve()
        throw new PowerCut()
      }
      writes += 1
    }
  }
  const cuts: Cuts = { before: () => count('before'), after: () => count('after') }
  const first = bench.start(cuts, setting.wrapStore)
  const began = bench.pass(seeThrough(bench, first, one)).catch((error: unknown) => error)
  // Until the cut: the run never rests, since its engine is dead.
  await bench.pass(Promise.race([began, down.promise]))
  await bench.pass(first.close())
  const [run] = [...bench.stored.runs.values()].filter(({ parent }) => parent === null)
  if (run === undefined) return 'never begun'

  const second = bench.start({}, setting.wrapStore)
  await bench.pass(second.recover())
  await answerUntilOver(bench, second, run.id)
  await bench.pass(second.close())
  return outcomeOf(bench, run.id)
}

/** The engine dies at a moment of the world's time, and, where it is said, the agents with it; another engine goes on. */
export async function afterDeath(
  setting: Setting,
  one: Case,
  death: { after: Duration; agents?: { commandsGoOn: boolean } },
): Promise<Outcome> {
  const bench = createProcedureBench(setting.procedures, one.example.faults)
  const first = bench.start({}, setting.wrapStore)
  const { signal } = new AbortController()
  const { id } = await bench.pass(
    first.start({ procedure: one.procedure.name, input: one.example.input, requestedBy: by }, signal),
  )
  await bench.pass(
    new Promise<void>((resolve) => {
      bench.clock.after(death.after, resolve)
    }),
  )
  await bench.pass(first.close())
  if (death.agents !== undefined) {
    for (const { name } of bench.world.hosts) loseOperations(bench.world, name, death.agents)
  }
  const second = bench.start({}, setting.wrapStore)
  await bench.pass(second.recover())
  await answerUntilOver(bench, second, id)
  await bench.pass(second.close())
  return outcomeOf(bench, id)
}

/** What is left of a run that was stopped or failed somewhere, and then undone. */
export async function undone(bench: ProcedureBench, engine: Engine, run: string): Promise<Outcome> {
  const { state } = bench.runNow(run)
  if (state === 'asking') await bench.pass(engine.answer(run, 'undo', by))
  else await bench.pass(engine.undo(run, by))
  await bench.untilResting(run)
  return outcomeOf(bench, run)
}

/** Cancels a run as soon as its journal has had so many writes. */
export async function canceledAt(
  setting: Setting,
  one: Case,
  write: number,
): Promise<{ bench: ProcedureBench; engine: Engine; run: string }> {
  const bench = createProcedureBench(setting.procedures, one.example.faults)
  let writes = 0
  let reached: (() => void) | undefined
  const here = new Promise<void>((resolve) => {
    reached = resolve
  })
  const engine = bench.start(
    {
      after: () => {
        writes += 1
        if (writes > write) reached?.()
      },
    },
    setting.wrapStore,
  )
  const { signal } = new AbortController()
  const { id } = await bench.pass(
    engine.start({ procedure: one.procedure.name, input: one.example.input, requestedBy: by }, signal),
  )
  await bench.pass(Promise.race([here, bench.untilResting(id)]))
  await bench.pass(engine.cancel(id, by)).catch((error: unknown) => {
    // It was quicker: it has ended, or asks for something else by now.
    if (!(error instanceof NotNow)) throw error
  })
  await bench.untilResting(id)
  return { bench, engine, run: id }
}

/** A procedure of which one step is broken on purpose. */
export function withBrokenStep(
  { procedures }: Setting,
  name: string,
  index: number,
  broken: (step: Step<ProcedureWorld>) => Step<ProcedureWorld>,
): Setting {
  return {
    procedures: procedures.map((procedure) =>
      procedure.name === name
        ? {
            ...procedure,
            phases: (plan) => [
              { steps: procedure.steps(plan).map((step, at) => (at === index ? broken(step) : step)) },
            ],
          }
        : procedure,
    ),
  }
}

/** A failure that no other try helps against. */
export class BrokenOnPurpose extends OpsError {
  readonly remedy = 'stop'
}

/** Where a step can fail: before it has done anything, or after it has done everything, without a word of it. */
export const failing =
  (where: 'before' | 'after') =>
  (step: Step<ProcedureWorld>): Step<ProcedureWorld> => ({
    ...step,
    async run(context) {
      if (where === 'after') await step.run(context)
      throw new BrokenOnPurpose('broken on purpose')
    },
  })

/** A step that does everything twice. */
export const twice = (step: Step<ProcedureWorld>): Step<ProcedureWorld> => ({
  ...step,
  async run(context) {
    await step.run(context)
    // The engine lets a step ask for its one operation once: the second time it is asked for by its id, as after a crash.
    return step.run({
      ...context,
      async change(changes, operation) {
        const state = await changes.submit(context.begun.operation, operation, context.signal)
        if (state.state !== 'succeeded') throw new BrokenOnPurpose(`the second time it is ${state.state}`)
        return state.result
      },
    })
  },
})

/**
 * A store that answers before it has written: what is begun comes to the disk with the next write only. So the order of journal and
 * deed is the wrong way round.
 */
export function writesBehind(store: RunStore): RunStore {
  let behind: (() => Promise<unknown>) | undefined
  return {
    async transaction(work) {
      await behind?.()
      behind = undefined
      let isBegun = false
      const peeked = await peek(store, work, (kind) => {
        isBegun ||= kind === 'step-begun' || kind === 'undo-begun'
      })
      if (!isBegun) return store.transaction(work)
      behind = async () => store.transaction(work)
      return peeked
    },
  }
}

class OnlyPeeked extends Error {}

/** What a transaction would do, without doing it. */
async function peek<T>(
  store: RunStore,
  work: (transaction: RunTransaction) => Promise<T>,
  see: (kind: string) => void,
): Promise<T> {
  let result: { value: T } | undefined
  try {
    await store.transaction(async (transaction) => {
      const value = await work({
        ...transaction,
        append: async (run, events) => {
          for (const { body } of events) {
            see(RunEvent.parse(body).kind)
          }
          await transaction.append(run, events)
        },
      })
      result = { value }
      throw new OnlyPeeked()
    })
  } catch (error) {
    if (!(error instanceof OnlyPeeked)) throw error
  }
  if (result === undefined) throw new Error('nothing was peeked at')
  return result.value
}
