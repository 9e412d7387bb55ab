import type { z } from 'zod'
import { isFinal, type Operation, type OperationId, type OperationState } from '../../domain/operation.ts'
import type { Json } from '../../domain/run.ts'
import { type Duration, minutes, seconds } from '../../domain/units.ts'
import { EffectMissing } from '../../engine/errors.ts'
import type { Look, LookContext, PlannedCommand, RunContext, Step } from '../../engine/step.ts'
import { commandTexts } from '../../operations/operation.ts'
import { operationNamed } from '../../operations/registry.ts'
import type { World } from '../world.ts'

/** How whose work it is can be told: an operation of ours has left its id in what it has made. */
export type IsOurs = (operation: string) => boolean

/** How a step is taken back by an operation of its own. */
interface OperationUndo {
  title: string
  /** As it is shown; done where the step’s own look says `done`. */
  operation: Operation
  /**
   * Where half of the work can be there, or what there is says how it is taken back: the operation for what is left of it;
   * undefined where nothing is.
   */
  left?: (context: LookContext<World>, isOurs: IsOurs) => Promise<Operation | undefined>
}

/**
 * The step of nearly every page: one operation, whose effect is looked for. An operation of ours that has not ended is asked for
 * before: what comes at once is not taken for missing. `look` tells what is there: `absent`, `done`, `foreign` or `unknown`.
 */
export function operationStep<Result extends Json>(step: {
  id: string
  title: string
  host: string
  operation: Operation
  takes?: Duration | undefined
  /** 10 min where nothing is said. */
  deadline?: Duration
  Result: z.ZodType<Result>
  look: (context: LookContext<World>, isOurs: IsOurs) => Promise<Look<Result>>
  undo: OperationUndo | { kind: 'nothing' | 'noWayBack'; because: string }
}): Step<World, Result> {
  const { id, title, host, operation, takes, deadline = minutes(10), Result, undo } = step
  const change = (context: RunContext<World>, what: Operation) => context.change(context.world.host(host).changes, what)
  return {
    id,
    title,
    commands: shownCommands(host, operation),
    takes,
    deadline,
    Result,
    async look(context) {
      // In this order: what ends in between is then there.
      if (await isAtWork(context, host, context.begun?.operations.slice(-1))) return { state: 'running' }
      return step.look(context, isOursIn(context))
    },
    async run(context) {
      context.progress({ text: `the agent of ${host} works on it` })
      await change(context, operation)
      const seen = await step.look(context, isOursIn(context))
      if (seen.state === 'done') return seen.result
      throw new EffectMissing(
        `${operation.kind} on ${host} has succeeded, but its effect is ${seen.state}: ${seen.says ?? ''}`,
      )
    },
    undo: 'kind' in undo ? undo : undoOf(undo, step, change),
  }
}

function undoOf<Result extends Json>(
  { title, operation, left }: OperationUndo,
  step: { host: string; look: (context: LookContext<World>, isOurs: IsOurs) => Promise<Look<Result>> },
  change: (context: RunContext<World>, what: Operation) => Promise<Json>,
): Extract<Step<World>['undo'], { kind: 'undo' }> {
  const { host } = step
  return {
    kind: 'undo',
    title,
    commands: shownCommands(host, operation),
    async look(context) {
      if (await isAtWork(context, host, context.begun?.operations))
        return { state: 'absent', says: 'it is still being done' }
      if (left !== undefined) {
        const there = await left(context, isOursIn(context))
        return there === undefined ? { state: 'done', result: null } : { state: 'absent' }
      }
      const seen = await step.look(context, isOursIn(context))
      if (seen.state === 'absent') return { state: 'done', result: null }
      return seen.state === 'done' || seen.state === 'running' ? { state: 'absent' } : seen
    },
    async run(context) {
      await callOff(context, host)
      const what = left === undefined ? operation : await left(context, isOursIn(context))
      if (what !== undefined) await change(context, what)
    },
  }
}

const isOursIn =
  ({ begun }: LookContext<World>): IsOurs =>
  (operation) =>
    begun?.operations.some((id) => id === operation) ?? false

/** An operation as a plan shows it. */
export function shownCommands(host: string, operation: Operation): PlannedCommand[] {
  const one = operationNamed(operation.kind)
  if (one?.by === 'root') return commandTexts(one, operation).map((command) => ({ host, command }))
  const words = Object.entries(operation).flatMap(([key, word]) => (key === 'kind' ? [] : [`${key} ${String(word)}`]))
  return [{ host, command: `# the agent does it by itself: ${operation.kind}, ${words.join(', ')}` }]
}

/** How operations stand, in their order; undefined for one that the host does not know. */
export async function statesOf(
  { world, signal }: LookContext<World>,
  host: string,
  operations: readonly OperationId[] = [],
): Promise<(OperationState | undefined)[]> {
  const states: (OperationState | undefined)[] = []
  for (const id of operations) states.push(await world.host(host).changes.result(id, signal))
  return states
}

/** Whether one of these operations has not ended yet. */
export const isAtWork = async (...of: Parameters<typeof statesOf>): Promise<boolean> =>
  (await statesOf(...of)).some((state) => state !== undefined && !isFinal(state))

/** What was begun and has not ended must not have its effect after that was taken back. */
async function callOff(context: RunContext<World>, host: string): Promise<void> {
  const { changes } = context.world.host(host)
  for (const id of context.begun.operations) {
    if (!(await isAtWork(context, host, [id]))) continue
    await changes.cancel(id, context.signal)
    await untilOver(context, host, [id])
  }
}

/** Waits until these operations have ended; all of the step where none are named. */
export async function untilOver(
  context: RunContext<World>,
  host: string,
  operations: readonly OperationId[] = context.begun.operations,
): Promise<void> {
  while (await isAtWork(context, host, operations)) await context.sleep(seconds(1))
}
