import { z } from 'zod'
import { isFinal, type OperationId } from '../domain/operation.ts'
import { type Duration, minutes, seconds } from '../domain/units.ts'
import type { Look, LookContext, RunContext, Step } from '../engine/step.ts'
import type { World } from './world.ts'

const MarkLeft = z.object({ mark: z.string(), operation: z.string() })
type MarkLeft = z.infer<typeof MarkLeft>

/** Leaves a mark on a host, over a while; undone by taking it away. */
export function markStep(step: {
  id: string
  host: string
  mark: string
  takes: Duration
  fails: boolean
}): Step<World, MarkLeft> {
  const { id, host, mark, takes, fails } = step
  const inWords = `${Math.round(takes / 1000)} s`
  return {
    id,
    title: `Leave the mark ${mark} on ${host}${fails ? ', and fail half-way' : ''}`,
    commands: [{ host, command: `# the agent leaves the mark ${mark} in its own folder, over ${inWords}` }],
    takes,
    deadline: minutes(5 + takes / 60_000),
    Result: MarkLeft,
    look: (context) => lookForMark(context, host, mark),
    async run(context) {
      context.progress({ text: `the agent of ${host} works on the mark ${mark}` })
      await context.change(context.world.host(host).changes, { kind: 'practice-mark', mark, takes, fails })
      return { mark, operation: context.begun.operation }
    },
    undo: {
      kind: 'undo',
      title: `Take the mark ${mark} on ${host} away`,
      commands: [{ host, command: `# the agent removes the mark ${mark} from its own folder` }],
      async look(context) {
        const { begun, world, signal } = context
        if (await worksStill(context, host, begun?.operations ?? [])) {
          return { state: 'absent', says: `the mark ${mark} is still being left` }
        }
        const found = (await world.host(host).look('practice-marks', {}, signal)).find((one) => one.mark === mark)
        if (found === undefined) return { state: 'done', result: null }
        return isOurs(found.operation, context) ? { state: 'absent' } : foreign(mark, host, found.operation)
      },
      async run(context) {
        await callOff(context, host)
        await context.change(context.world.host(host).changes, { kind: 'practice-unmark', mark })
      },
    },
  }
}

async function lookForMark(context: LookContext<World>, host: string, mark: string): Promise<Look<MarkLeft>> {
  const { world, begun, signal } = context
  // In this order: what ends in between is then there.
  if (begun !== undefined && (await worksStill(context, host, [begun.operation]))) return { state: 'running' }
  const found = (await world.host(host).look('practice-marks', {}, signal)).find((one) => one.mark === mark)
  if (found === undefined) return { state: 'absent' }
  return isOurs(found.operation, context)
    ? { state: 'done', result: { mark, operation: found.operation } }
    : foreign(mark, host, found.operation)
}

const foreign = (mark: string, host: string, operation: string): Look<never> => ({
  state: 'foreign',
  says: `the mark ${mark} is on ${host}, but another operation has left it: ${operation}`,
})

const isOurs = (operation: string, { begun }: LookContext<World>): boolean =>
  begun?.operations.some((id) => id === operation) ?? false

/** Whether one of these has not ended yet. */
async function worksStill(
  { world, signal }: LookContext<World>,
  host: string,
  operations: readonly OperationId[],
): Promise<boolean> {
  for (const id of operations) {
    const state = await world.host(host).changes.result(id, signal)
    if (state !== undefined && !isFinal(state)) return true
  }
  return false
}

/** What was begun and has not ended must not leave its mark after it was taken away. */
async function callOff(context: RunContext<World>, host: string): Promise<void> {
  const { changes } = context.world.host(host)
  for (const id of context.begun.operations) {
    let state = await changes.result(id, context.signal)
    if (state === undefined || isFinal(state)) continue
    await changes.cancel(id, context.signal)
    for (;;) {
      state = await changes.result(id, context.signal)
      if (state === undefined || isFinal(state)) break
      await context.sleep(seconds(1))
    }
  }
}
