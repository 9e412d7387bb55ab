import type { z } from 'zod'
import { OpsError } from '../../domain/errors.ts'
import type { Json } from '../../domain/run.ts'
import { age, type Duration, hours, seconds } from '../../domain/units.ts'
import type { LookContext, RunContext, Step } from '../../engine/step.ts'
import type { World } from '../world.ts'

/** For so long a host may be away in the middle of what goes on by itself when it is back. */
const awayAtMost = hours(24)

/** What is seen of what is waited for: its end, or when it is worth looking again (30 s where nothing is said). */
export type Waited<Result> = { result: Result } | { next?: Duration | undefined }

/** Waits for what the world does by itself, through restarts and absences of its host; `what` is said while it cannot be seen. */
export async function waitFor<Result>(
  context: RunContext<World>,
  { what, look }: { what: string; look: () => Promise<Waited<Result>> },
): Promise<Result> {
  let seenAt = context.now()
  for (;;) {
    let next: Duration | undefined
    try {
      const seen = await look()
      if ('result' in seen) return seen.result
      seenAt = context.now()
      next = seen.next
    } catch (error) {
      context.signal.throwIfAborted()
      const isAway = error instanceof OpsError && error.remedy === 'retry'
      if (!isAway || age(seenAt, context.now()) > awayAtMost) throw error
      context.progress({ text: `${what} cannot be seen (${error.message}): waits for it` })
    }
    await context.sleep(next ?? seconds(30))
  }
}

/** A step that changes nothing: it waits until what the world does by itself has come to its end. */
export function waitStep<Result extends Json>(wait: {
  id: string
  title: string
  takes?: Duration | undefined
  deadline: Duration
  what: string
  Result: z.ZodType<Result>
  look: (context: LookContext<World>) => Promise<Waited<Result>>
}): Step<World, Result> {
  const { id, title, takes, deadline, what, Result, look } = wait
  return {
    id,
    title,
    commands: [],
    takes,
    deadline,
    Result,
    async look(context) {
      const seen = await look(context)
      return 'result' in seen ? { state: 'done', result: seen.result } : { state: 'absent' }
    },
    run: (context) => waitFor(context, { what, look: () => look(context) }),
    undo: { kind: 'nothing', because: 'it has only waited' },
  }
}
