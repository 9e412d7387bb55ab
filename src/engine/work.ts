import type { OperationId } from '../domain/operation.ts'
import type { Json } from '../domain/run.ts'
import { OpsError, type Remedy } from '../domain/errors.ts'
import { type Duration, minutes, seconds } from '../domain/units.ts'
import { AttemptedChange } from './change.ts'
import { NotSeenDone, StepOverdue } from './errors.ts'
import { workOf } from './journal.ts'
import type { EngineOptions } from './options.ts'
import type { Session } from './session.ts'
import type { Begun, Look, LookContext, RunContext } from './step.ts'
import { unlessAborted, wait } from './wait.ts'

/** Looking is asking a host a few questions. */
const lookWithin = minutes(2)

/** How one piece of work is looked at and run: a step, its pause, or its undo. */
export interface Doing<World, Result> {
  step: string
  title: string
  deadline: Duration
  look?: ((context: LookContext<World>) => Promise<Look<Result>>) | undefined
  run(context: RunContext<World>): Promise<Result>
}

/** How a piece of work went. */
export type Went<Result> =
  | { how: 'finished'; result: Result }
  | { how: 'failed'; error: unknown; remedy: Remedy; operationIsOver: boolean }

/** What the doing needs of the engine. */
export type Means<World> = Pick<EngineOptions<World>, 'world' | 'clock'>

/** What drives a run needs beside its session. */
export type Driver<World> = Means<World> & Pick<EngineOptions<World>, 'makeId'>

export async function lookAt<World, Result>(
  doing: Pick<Doing<World, Result>, 'title'> & { look(context: LookContext<World>): Promise<Look<Result>> },
  session: Session,
  means: Means<World>,
  { begun, signal }: { begun: Begun | undefined; signal: AbortSignal },
): Promise<Look<Result>> {
  return within(means, lookWithin, `looking whether "${doing.title}" is done`, signal, async (limited) =>
    doing.look(lookContext(session, means, begun, limited)),
  )
}

/** Runs a piece of work whose operation id is in the journal, and looks whether it is done then. */
export async function runIt<World, Result>(
  doing: Doing<World, Result>,
  session: Session,
  means: Means<World>,
  attempt: {
    /** The id of this attempt. */
    operation: OperationId
    /** Of the step itself, also for its pause and its undo. */
    begun: Begun
    seen: 'absent' | 'running'
    isResumed: boolean
    signal: AbortSignal
  },
): Promise<Went<Result>> {
  const { operation, begun, seen, isResumed, signal } = attempt
  const { clock } = means
  const change = { current: undefined as AttemptedChange | undefined } // "as": set below, as soon as there is a signal
  try {
    const result = await within(means, doing.deadline, `"${doing.title}"`, signal, async (limited) => {
      const attempted = new AttemptedChange({
        id: operation,
        isResumed,
        seen,
        signal: limited,
        progress: (said) => session.report(said),
        record: async (commands) => session.recordCommands(doing.step, commands, isResumed),
      })
      change.current = attempted
      const context: RunContext<World> = {
        ...lookContext(session, means, begun, limited),
        begun,
        seen,
        progress: (said) => session.report(said),
        change: async (changes, what) => attempted.change(changes, what),
        sleep: async (duration) => wait(clock, duration, limited),
        now: () => clock.now(),
      }
      const done = await doing.run(context)
      if (doing.look === undefined) return done
      const after = await doing.look(context)
      if (after.state !== 'done') {
        const says = 'says' in after && after.says !== undefined ? ` (${after.says})` : ''
        throw new NotSeenDone(`"${doing.title}" has ended, but looking says that it is ${after.state}${says}`)
      }
      return done
    })
    return { how: 'finished', result }
  } catch (error) {
    const began = change.current?.state ?? 'unused'
    return {
      how: 'failed',
      error,
      remedy: remedyOf(error),
      operationIsOver: await isOver(doing, session, means, { began, begun, isResumed, signal }),
    }
  }
}

/** Whether nothing of an attempt that has ended badly is under way any more: where an operation has ended, what it began may go on. */
async function isOver<World, Result>(
  { title, look }: Doing<World, Result>,
  session: Session,
  means: Means<World>,
  attempt: { began: AttemptedChange['state']; begun: Begun; isResumed: boolean; signal: AbortSignal },
): Promise<boolean> {
  const { began, begun, isResumed, signal } = attempt
  if (began === 'open' || began === 'over') return began === 'over'
  if (began === 'unused' && !isResumed) return true
  if (look === undefined) return began === 'ended'
  try {
    const seen = await lookAt({ title, look }, session, means, { begun, signal })
    return seen.state !== 'running' && seen.state !== 'unknown'
  } catch {
    return false
  }
}

function lookContext<World>(
  session: Session,
  { world }: Means<World>,
  begun: Begun | undefined,
  signal: AbortSignal,
): LookContext<World> {
  return {
    world,
    run: session.record.id,
    begun,
    resultOf(step): Json {
      const finished = workOf(session.journal.forwards, step).finished
      if (finished === undefined) throw new TypeError(`the step ${step} has given no result yet`)
      return finished.result
    },
    signal,
  }
}

/** Work with a deadline by the engine's clock. What does not listen to its signal is left alone, and counts for nothing. */
async function within<World, T>(
  { clock }: Means<World>,
  deadline: Duration,
  what: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const overdue = new AbortController()
  const callOff = clock.after(deadline, () => {
    overdue.abort(new StepOverdue(`${what} has not ended within ${Math.round(deadline / 1000)} s`))
  })
  const both = AbortSignal.any([signal, overdue.signal])
  try {
    return await unlessAborted(work(both), both)
  } finally {
    callOff()
  }
}

/** How long to wait before another try: 1 s, then twice as long each time, at most a minute. */
export const backOff = (failures: number): Duration => seconds(Math.min(60, 2 ** Math.max(0, failures - 1)))

/**
 * So often a failure that the world may mend by itself is tried again, over some six minutes; then a person is asked. A host
 * that has lost its power in the middle of a command is to have booted by then (six tries, half a minute, were too few).
 */
export const triesInAll = 12

/** A fault of ours says nothing of the world: a person looks. */
export const remedyOf = (error: unknown): Remedy => (error instanceof OpsError ? error.remedy : 'ask')
