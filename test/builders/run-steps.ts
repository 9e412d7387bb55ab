import { isFinal, OperationId } from '../../src/domain/operation.ts'
import type { Json } from '../../src/domain/run.ts'
import type { Instant } from '../../src/domain/units.ts'
import { InvalidInput } from '../../src/engine/errors.ts'
import type { PlanContext, Preflight, Procedure } from '../../src/engine/procedure.ts'
import type { Begun, Look, LookContext, RunContext, Step } from '../../src/engine/step.ts'
import type { World as ProcedureWorld } from '../../src/procedures/world.ts'
import { type SimClock, simClock } from '../../src/sim/clock.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { applyFault } from '../../src/sim/faults/index.ts'
import { passUntil, simProcedureWorld } from '../../src/sim/sim-procedures-world.ts'
import type { World } from '../../src/sim/world.ts'

/** UUIDv7 of a moment; the number makes it unique. */
export function operationId(at: number, number: number): OperationId {
  const time = Math.floor(at).toString(16).padStart(12, '0')
  return OperationId.parse(`${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`)
}

/** What comes of an example before it is run, and what was said against it. */
export interface ExampleOutcome {
  outcome: 'planned' | 'objected' | 'refused'
  says: string
}

/** One simulated world with what procedures see of it, and steps worked on as the engine would, without a journal. */
export interface StepBench {
  world: World
  clock: SimClock
  procedures: ProcedureWorld
  /** What was said of progress, in words. */
  said: string[]
  plan: (procedure: Procedure<ProcedureWorld>, input: unknown) => Promise<Json>
  preflight: (procedure: Procedure<ProcedureWorld>, plan: Json, isResumed?: boolean) => Promise<Preflight[]>
  /** Of a step that was begun, or not. */
  look: (step: Step<ProcedureWorld>) => Promise<Look<Json>>
  /** Begins it with a new operation, and works on it until it ends; the world's time passes. */
  run: (step: Step<ProcedureWorld>) => Promise<Json>
  pause: (step: Step<ProcedureWorld>) => Promise<void>
  lookAtUndo: (step: Step<ProcedureWorld>) => Promise<Look<null>>
  undo: (step: Step<ProcedureWorld>) => Promise<void>
  /** Lets the world's time pass until it is settled. */
  pass: <T>(promise: Promise<T>) => Promise<T>
  /** What comes of an example before it is run. */
  outcomeOf: (procedure: Procedure<ProcedureWorld>, input: unknown) => Promise<ExampleOutcome>
  /** How many effects of a kind there are. */
  count: (kind: string) => number
  /** The newest attempt of a step; its operation may be submitted by the test itself. */
  begin: (step: { id: string }) => Begun
}

export function createStepBench(faults: readonly string[] = [], world: World = createWorld({ pins: 60 })): StepBench {
  for (const fault of faults) applyFault(world, fault)
  const clock = simClock(world)
  const procedures = simProcedureWorld(world, clock)
  const { signal } = new AbortController()
  const begun = new Map<string, Begun>()
  const results = new Map<string, Json>()
  const said: string[] = []
  let ids = 0
  const nextId = () => operationId(clock.now(), (ids += 1))
  const context = (): PlanContext<ProcedureWorld> => ({ world: procedures, now: clock.now(), signal })
  const pass = <T>(promise: Promise<T>): Promise<T> => passUntil(clock, promise)
  const begin = ({ id }: { id: string }): Begun => {
    const before = begun.get(id)
    const operation = nextId()
    const now: Begun = {
      at: before?.at ?? clock.now(),
      operation,
      operations: [...(before?.operations ?? []), operation],
      pauses: before?.pauses ?? [],
      sincePause: [...(before?.sincePause ?? []), operation],
    }
    begun.set(id, now)
    return now
  }
  const lookContext = (id: string): LookContext<ProcedureWorld> => ({
    world: procedures,
    run: 'run-1',
    begun: begun.get(id),
    signal,
    resultOf(step) {
      const result = results.get(step)
      if (result === undefined) throw new Error(`the step ${step} has not finished`)
      return result
    },
  })
  const runContext = (id: string, operation: OperationId, seen: 'absent' | 'running'): RunContext<ProcedureWorld> => {
    const known = begun.get(id)
    if (known === undefined) throw new Error(`the step ${id} was not begun`)
    return {
      ...lookContext(id),
      begun: known,
      seen,
      progress: ({ text = '' }) => void said.push(text),
      async change(changes, wanted) {
        await changes.submit(operation, wanted, signal)
        for await (const state of changes.watch(operation, signal)) {
          if (!isFinal(state)) continue
          if (state.state === 'succeeded') return state.result
          throw new Error(state.state === 'failed' ? state.error : 'lost')
        }
        throw new Error('it never ended')
      },
      sleep: (duration) => new Promise((resolve) => void clock.after(duration, resolve)),
      now: (): Instant => clock.now(),
    }
  }
  return {
    world,
    clock,
    procedures,
    said,
    pass,
    begin,
    plan: (procedure, input) => pass(procedure.plan(input, context())),
    preflight: (procedure, plan, isResumed = false) => pass(procedure.preflight(plan, { ...context(), isResumed })),
    look: (step) => pass(step.look(lookContext(step.id))),
    run: async (step) => {
      const { operation } = begin(step)
      const result = await pass(step.run(runContext(step.id, operation, 'absent')))
      results.set(step.id, result)
      return result
    },
    pause: async (step) => {
      if (step.pause === undefined) throw new Error(`the step ${step.id} cannot be paused`)
      const pause = nextId()
      const before = begun.get(step.id)
      if (before !== undefined) begun.set(step.id, { ...before, pauses: [...before.pauses, pause], sincePause: [] })
      await pass(step.pause.run(runContext(step.id, pause, 'running')))
    },
    lookAtUndo: (step) => pass(undoOf(step).look(lookContext(step.id))),
    undo: (step) => pass(undoOf(step).run(runContext(step.id, nextId(), 'absent'))),
    outcomeOf: async (procedure, input) => {
      try {
        const lines = await pass(procedure.preflight(await pass(procedure.plan(input, context())), context()))
        const against = lines.filter(({ verdict }) => verdict !== 'holds')
        return {
          outcome: against.length === 0 ? 'planned' : 'objected',
          says: against.map(({ verdict, says }) => `${verdict}: ${says}`).join('; '),
        }
      } catch (error) {
        if (error instanceof InvalidInput) return { outcome: 'refused', says: error.message }
        throw error
      }
    },
    count: (kind) => world.effects.filter((effect) => effect.kind === kind).length,
  }
}

function undoOf(step: Step<ProcedureWorld>) {
  if (step.undo.kind !== 'undo') throw new Error(`the step ${step.id} has no undo`)
  return step.undo
}
