import { z } from 'zod'
import { OpsError } from '../../domain/errors.ts'
import type { Json } from '../../domain/run.ts'
import { type Duration, minutes, seconds } from '../../domain/units.ts'
import type { Look, LookContext, Step } from '../../engine/step.ts'
import type { World } from '../world.ts'

/** A step that only looks, and keeps what it has seen. */
export function lookStep<Result extends Json>(look: {
  id: string
  title: string
  commands: Step<World>['commands']
  takes: Duration
  Result: z.ZodType<Result>
  look: (context: LookContext<World>) => Promise<Result>
}): Step<World, Result> {
  return {
    ...look,
    deadline: minutes(5),
    look: async (context) => ({ state: 'done', result: await look.look(context) }),
    run: (context) => look.look(context),
    undo: { kind: 'nothing', because: 'it has only looked' },
  }
}

/** What has to hold does not. */
class GateClosed extends OpsError {
  readonly remedy = 'ask'
}

/** A step that only looks, and refuses to go on: `look` gives what does not hold, as a sentence; undefined where all does. */
export function gateStep(gate: {
  id: string
  title: string
  /** 1 s where nothing is said. */
  takes?: Duration
  /** 1 min where nothing is said. */
  deadline?: Duration
  look: (context: LookContext<World>) => Promise<string | undefined>
}): Step<World> {
  const { id, title, takes = seconds(1), deadline = minutes(1), look } = gate
  return {
    id,
    title,
    commands: [],
    takes,
    deadline,
    Result: z.null(),
    look: async (context) =>
      (await look(context)) === undefined ? { state: 'done', result: null } : { state: 'absent' },
    async run(context) {
      const closed = await look(context)
      if (closed !== undefined) throw new GateClosed(closed)
      return null
    },
    undo: { kind: 'nothing', because: 'it has only looked' },
  }
}

/** A step that asks a person whether to go on, and says why. */
export function askStep({ id, title, says }: { id: string; title: string; says: string }): Step<World> {
  const asks: Look<null> = { state: 'unknown', says, offers: 'run' }
  return {
    id,
    title,
    commands: [],
    deadline: minutes(1),
    Result: z.null(),
    look: async ({ begun }) => (begun === undefined ? asks : { state: 'done', result: null }),
    run: async () => null,
    undo: { kind: 'nothing', because: 'it has changed nothing' },
  }
}
