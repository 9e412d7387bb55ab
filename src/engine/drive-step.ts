import type { Json } from '../domain/run.ts'
import { CalledOff, EngineClosing, StillAtWork } from './errors.ts'
import type { Choice, RunEvent } from './events.ts'
import { begunOf, type Direction, workOf } from './journal.ts'
import { pauseStep } from './pause-step.ts'
import { type Session, words } from './session.ts'
import type { Look, LookContext, Step } from './step.ts'
import { backOff, type Doing, type Driver, lookAt, remedyOf, runIt, triesInAll, type Went } from './work.ts'
import { wait } from './wait.ts'

/** A step in one direction, as it is worked on. */
interface Task<World> extends Doing<World, Json> {
  direction: Direction
  look(context: LookContext<World>): Promise<Look<Json>>
  /** What looking says of the step itself, forwards: why it may be at work. */
  atWork(signal: AbortSignal): Promise<string | undefined>
}

type Failure = Extract<Went<Json>, { how: 'failed' }>

/** Of looking: nothing is known of an attempt. */
const failureOf = (error: unknown): Failure => ({
  how: 'failed',
  error,
  remedy: remedyOf(error),
  operationIsOver: false,
})

const answers: Readonly<Record<Direction, readonly Choice[]>> = {
  forwards: ['look-again', 'undo', 'leave'],
  backwards: ['look-again', 'leave'],
}

/** Takes the step whose turn it is, or the run where none is left, one state further. `closing`: the engine ends, and nothing is to be written any more. */
export async function advanceStep<World>(
  session: Session,
  step: Step<World> | undefined,
  direction: Direction,
  driver: Driver<World>,
  closing: AbortSignal,
): Promise<void> {
  if (step === undefined) {
    await session.write([{ kind: direction === 'forwards' ? 'succeeded' : 'undone' }])
    return
  }
  if (session.journal.pausing !== undefined) {
    await pauseStep(session, step, driver, closing)
    return
  }
  const off = new AbortController()
  if (direction === 'forwards' && step.pause !== undefined) {
    // What cannot stand still in its middle goes on to its end.
    session.interrupt = () => off.abort(new CalledOff('called off, to be paused'))
  }
  const signal = AbortSignal.any([closing, off.signal])
  try {
    // Who has asked for the end has asked for it once: the wish does not outlive a restart, the journal does.
    if (session.wish !== undefined || session.journal.cancelRequested) session.interrupt?.()
    const task = taskOf(step, direction, session, driver)
    if ('run' in task) await attempt(session, task, driver, signal)
    else if (task.cannot !== undefined) {
      await session.write([{ kind: 'asked', question: task.cannot, choices: ['leave'] }])
    } else await finish(session, task, { result: null, how: 'look' }, driver, signal)
  } catch (error) {
    if (closing.aborted) throw new EngineClosing('the engine ends', { cause: error })
    if (!(error instanceof CalledOff)) throw error
    // One that was not under way stands at a boundary.
    if (workOf(session.journal.forwards, step.id).attempt !== 'open') return
    await session.write([{ kind: 'pause-begun', step: step.id, operation: driver.makeId(driver.clock.now()) }])
    await pauseStep(session, step, driver, closing)
  } finally {
    session.interrupt = undefined
  }
}

/** What there is to be done; for an undo, perhaps nothing, or nothing that can be done. */
function taskOf<World>(
  step: Step<World>,
  direction: Direction,
  session: Session,
  driver: Driver<World>,
): Task<World> | (Pick<Task<World>, 'step' | 'title' | 'direction' | 'atWork'> & { cannot: string | undefined }) {
  const atWork = async (signal: AbortSignal): Promise<string | undefined> => {
    const work = workOf(session.journal.forwards, step.id)
    if (work.attempt !== 'open') return undefined
    const forwards = { title: step.title, look: async (context: LookContext<World>) => step.look(context) }
    const seen = await lookAt(forwards, session, driver, { begun: begunOf(work), signal })
    if (seen.state === 'unknown') return `what may still work: ${seen.says}`
    return seen.state === 'running' ? 'what still works' : undefined
  }
  const common = { step: step.id, title: step.title, deadline: step.deadline, direction, atWork }
  if (direction === 'forwards') {
    // Not methods any more: bound, so that a step may use its own fields.
    return {
      ...common,
      look: async (context) => {
        const seen = await step.look(context)
        return seen.state === 'done' ? { ...seen, result: step.Result.parse(seen.result) } : seen
      },
      run: async (context) => step.Result.parse(await step.run(context)),
    }
  }
  const { undo } = step
  if (undo.kind === 'nothing') return { ...common, cannot: undefined }
  if (undo.kind === 'noWayBack') return { ...common, cannot: `"${step.title}" cannot be undone: ${undo.because}` }
  return {
    ...common,
    title: undo.title,
    look: async (context) => undo.look(context),
    run: async (context) => {
      await undo.run(context)
      return null
    },
  }
}

async function attempt<World>(
  session: Session,
  task: Task<World>,
  driver: Driver<World>,
  signal: AbortSignal,
): Promise<void> {
  const { step, title, direction } = task
  const work = workOf(session.journal[direction], step)
  // An undo looks at what the step itself has left: it is given the step's own beginning.
  const begun = () => begunOf(workOf(session.journal.forwards, step))
  let seen: Look<Json> = { state: 'absent' }
  if (!work.goAhead) {
    try {
      seen = await lookAt(task, session, driver, { begun: begun(), signal })
    } catch (error) {
      signal.throwIfAborted()
      await afterFailure(session, task, failureOf(error), driver, signal)
      return
    }
  }
  switch (seen.state) {
    case 'done':
      await finish(session, task, { result: seen.result, how: 'look' }, driver, signal)
      return
    case 'foreign':
    case 'unknown': {
      const what =
        seen.state === 'foreign' ? 'somebody else has done something there' : 'it cannot be seen whether it is done'
      const choices: Choice[] = [...(seen.offers === 'run' ? ['run' as const] : []), ...answers[direction]]
      // What is somebody else's is not under way by us.
      const question = `"${title}": ${what}: ${seen.says}`
      await session.write([{ kind: 'asked', question, choices, operationIsOver: seen.state === 'foreign' }])
      return
    }
    case 'absent':
    case 'running':
  }
  const isResumed = work.attempt === 'open'
  if (!isResumed) {
    const operation = driver.makeId(driver.clock.now())
    await session.write([{ kind: direction === 'forwards' ? 'step-begun' : 'undo-begun', step, operation }])
  }
  const operation = workOf(session.journal[direction], step).operations.at(-1)
  const own = begun()
  if (operation === undefined || own === undefined) throw new TypeError(`the step ${step} was not begun`)
  const went = await runIt(task, session, driver, { operation, begun: own, seen: seen.state, isResumed, signal })
  if (went.how === 'finished') {
    await finish(session, task, { result: went.result, how: 'run' }, driver, signal)
    return
  }
  signal.throwIfAborted()
  await afterFailure(session, task, went, driver, signal)
}

/** It is done, or taken back. */
async function finish<World>(
  session: Session,
  task: Pick<Task<World>, 'step' | 'title' | 'direction' | 'atWork'>,
  { result, how }: { result: Json; how: 'run' | 'look' },
  driver: Driver<World>,
  signal: AbortSignal,
): Promise<void> {
  const { step, direction } = task
  if (direction === 'forwards') {
    await session.write([{ kind: 'step-finished', step, result, how }])
    return
  }
  const failure = await stillAtWork(task, signal)
  if (failure === undefined) await session.write([{ kind: 'undo-finished', step, how }])
  else await afterFailure(session, task, failure, driver, signal)
}

/** Nothing is taken back of what still works, or cannot be seen to have ended. */
async function stillAtWork<World>(
  { atWork, title }: Pick<Task<World>, 'title' | 'atWork'>,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  try {
    const what = await atWork(signal)
    return what === undefined ? undefined : failureOf(new StillAtWork(`"${title}" is to take back ${what}`))
  } catch (error) {
    signal.throwIfAborted()
    return failureOf(error)
  }
}

/** Notes a failure, and does what its remedy says: try again, ask a person, or end. */
async function afterFailure<World>(
  session: Session,
  { step, title, direction }: Pick<Task<World>, 'step' | 'title' | 'direction'>,
  went: Failure,
  driver: Driver<World>,
  signal: AbortSignal,
): Promise<void> {
  const error = words(went.error)
  const { remedy, operationIsOver } = went
  const work = workOf(session.journal[direction], step)
  const failures = work.failures + 1
  const kind = direction === 'forwards' ? 'step-failed' : 'undo-failed'
  const failed: RunEvent = { kind, step, error, remedy, operationIsOver }
  if (remedy === 'retry' && failures < triesInAll) {
    await session.write([failed])
    await session.explainWait(`tries "${title}" again: ${error}`)
    await wait(driver.clock, backOff(failures), signal)
    return
  }
  if (remedy === 'stop' && direction === 'forwards' && (operationIsOver || work.attempt !== 'open')) {
    await session.write([failed, { kind: 'failed', error: `"${title}": ${error}` }])
    return
  }
  const tried = remedy === 'retry' ? ` (tried ${failures} times)` : ''
  const question = `"${title}" has not worked${tried}: ${error}`
  await session.write([failed, { kind: 'asked', question, choices: [...answers[direction]] }])
}
