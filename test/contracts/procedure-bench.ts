import { makeId } from '../../src/domain/make-id.ts'
import type { RunStore } from '../../src/domain/ports/run-store.ts'
import type { Lock, RunRecord } from '../../src/domain/run.ts'
import { type Duration, minutes } from '../../src/domain/units.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import type { Example, Procedure } from '../../src/engine/procedure.ts'
import type { World as ProcedureWorld } from '../../src/procedures/world.ts'
import { type SimClock, simClock } from '../../src/sim/clock.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { applyFault } from '../../src/sim/faults/index.ts'
import { passUntil, simProcedureWorld } from '../../src/sim/sim-procedures-world.ts'
import type { World } from '../../src/sim/world.ts'
import { type Cuts, emptyStored, memoryRunStore, type Stored } from '../builders/memory-run-store.ts'

/** What the power cut throws. Nothing of ours is to catch it. */
export class PowerCut extends Error {}

/** One simulated world, with what outlives an engine: the world itself, and the disk of the store. */
export interface ProcedureBench {
  world: World
  clock: SimClock
  stored: Stored
  /** Faults of the engine that no journal could hold. */
  problems: unknown[]
  /** An engine as a controller would start it. `cuts` can end its store; `wrap` can break it. */
  start(cuts?: Cuts, wrap?: (store: RunStore) => RunStore, others?: readonly Procedure<ProcedureWorld>[]): Engine
  /** Lets the world's time pass until it is settled. */
  pass<T>(promise: Promise<T>): Promise<T>
  /** Until the run can do nothing more without a person. */
  untilResting(run: string): Promise<RunRecord>
  runNow(run: string): RunRecord
  held(): readonly Lock[]
}

const longest: Duration = minutes(60 * 24 * 30)

export function createProcedureBench(
  procedures: readonly Procedure<ProcedureWorld>[],
  faults: readonly string[] = [],
): ProcedureBench {
  const world = createWorld({ pins: 60 })
  for (const fault of faults) applyFault(world, fault)
  // Short scrubs: who waits for a lock tries again every few seconds of the world's time.
  for (const { scrubs } of world.hosts.flatMap(({ pools }) => pools)) scrubs.takes = minutes(2)
  const clock = simClock(world)
  const stored = emptyStored()
  const problems: unknown[] = []
  const pass = <T>(promise: Promise<T>): Promise<T> => passUntil(clock, promise)
  const runNow = (run: string): RunRecord => {
    const found = stored.runs.get(run)
    if (found === undefined) throw new Error(`there is no run ${run}`)
    return found
  }
  return {
    world,
    clock,
    stored,
    problems,
    pass,
    runNow,
    start(cuts = {}, wrap = (store) => store, others = procedures) {
      // A dead engine's timers stay dead: each has a clock of its own over the same time.
      return createEngine({
        procedures: others,
        store: wrap(memoryRunStore(stored, cuts)),
        world: simProcedureWorld(world, clock),
        clock,
        makeId,
        report: ({ error }) => problems.push(error),
      })
    },
    async untilResting(run) {
      const until = clock.now() + longest
      await pass(
        new Promise<void>((resolve, reject) => {
          const look = () => {
            if (isResting(runNow(run))) resolve()
            else if (clock.now() > until)
              reject(new Error(`run ${run} is still ${runNow(run).state}: ${runNow(run).reason}`))
            else clock.after(minutes(1 / 60), look)
          }
          look()
        }),
      )
      return runNow(run)
    },
    held: () => stored.locks,
  }
}

/** Whether nothing more happens to it without a person. */
export const isResting = ({ state }: RunRecord): boolean =>
  !['waiting', 'running', 'paused', 'undoing'].includes(state) && state !== 'planned'

/** An example, with the procedure that it is of. */
export interface Case {
  procedure: Procedure<ProcedureWorld>
  example: Example<ProcedureWorld>
}

/** Every example that can be begun, of all procedures. */
export const casesOf = (procedures: readonly Procedure<ProcedureWorld>[]): Case[] =>
  procedures.flatMap((procedure) =>
    procedure.examples
      .filter(({ preflight, refused }) => refused === undefined && (preflight ?? 'holds') === 'holds')
      .map((example) => ({ procedure, example })),
  )

/** What is there in the end, without what differs from one run to the next by chance: ids and moments. */
export interface Outcome {
  state: RunRecord['state']
  /** How often each effect was had on each thing. */
  effects: Record<string, number>
  marks: string[]
  locks: number
  children: string[]
}

export function outcomeOf(bench: ProcedureBench, run: string): Outcome {
  const effects: Record<string, number> = {}
  for (const { kind, subject } of bench.world.effects) {
    if (kind.startsWith('fault')) continue
    const what = `${kind}: ${subject.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')}`
    effects[what] = (effects[what] ?? 0) + 1
  }
  return {
    state: bench.runNow(run).state,
    effects: Object.fromEntries(Object.entries(effects).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    marks: bench.world.hosts.flatMap(({ name, changing }) => changing.marks.map(({ mark }) => `${name}/${mark}`)),
    locks: bench.held().length,
    children: [...bench.stored.runs.values()].filter(({ parent }) => parent === run).map(({ state }) => state),
  }
}
