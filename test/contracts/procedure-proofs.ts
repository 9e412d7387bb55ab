import type { Engine } from '../../src/engine/engine.ts'
import type { Procedure } from '../../src/engine/procedure.ts'
import type { RunStore } from '../../src/domain/ports/run-store.ts'
import type { RunRecord } from '../../src/domain/run.ts'
import type { Cuts } from '../builders/memory-run-store.ts'
import type { World as ProcedureWorld } from '../../src/procedures/world.ts'
import {
  type Case,
  createProcedureBench,
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
export async function undisturbed(setting: Setting, one: Case): Promise<{ outcome: Outcome; writes: string[] }> {
  const bench = createProcedureBench(setting.procedures, one.example.faults)
  const writes: string[] = []
  const engine = bench.start({ before: (kind) => void writes.push(kind) }, setting.wrapStore)
  const run = await seeThrough(bench, engine, one)
  await bench.pass(engine.close())
  if (bench.problems.length > 0) throw new Error('a fault of the engine', { cause: bench.problems[0] })
  return { outcome: outcomeOf(bench, run), writes }
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
  const count = (when: 'before' | 'after') => {
    if (isDown) throw new PowerCut()
    if (when === cut.when) {
      if (writes === cut.write) {
        isDown = true
        throw new PowerCut()
      }
      writes += 1
    }
  }
  const cuts: Cuts = { before: () => count('before'), after: () => count('after') }
  const first = bench.start(cuts, setting.wrapStore)
  const began = bench.pass(seeThrough(bench, first, one)).catch((error: unknown) => error)
  // Until the cut: the run never rests, since its engine is dead.
  await bench.pass(Promise.race([began, untilDown(bench, () => isDown)]))
  const closed = bench.pass(first.close())
  await closed
  const [run] = [...bench.stored.runs.values()].filter(({ parent }) => parent === null)
  if (run === undefined) return 'never begun'

  const second = bench.start({}, setting.wrapStore)
  if (run.state === 'planned') {
    // Whoever has asked for it asks again, with the same id.
    await bench.pass(second.leave(run.id, by))
    await bench.pass(second.close())
    return 'never begun'
  }
  await bench.pass(second.recover())
  await answerUntilOver(bench, second, run.id)
  await bench.pass(second.close())
  return outcomeOf(bench, run.id)
}

async function untilDown(bench: ProcedureBench, isDown: () => boolean): Promise<void> {
  while (!isDown()) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
  }
  return undefined
}
