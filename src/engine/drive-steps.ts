import type { Json } from '../domain/run.ts'
import { CalledOff, EngineClosing } from './errors.ts'
import type { Choice } from './events.ts'
import { begunOf, currentStep, workOf } from './journal.ts'
import { type Session, words } from './session.ts'
import type { Step } from './step.ts'
import { backOff, type Doing, lookAt, type Means, remedyOf, runIt, triesInAll, type Went } from './work.ts'
import { wait } from './wait.ts'
import type { EngineOptions } from './options.ts'

/** What drives a run needs beside its session. */
export type Driver<World> = Means<World> & Pick<EngineOptions<World>, 'makeId'>

const always: readonly Choice[] = ['look-again', 'undo', 'leave']

/** Takes the present step one state further. `closing`: the engine ends, and nothing is to be written any more. */
export async function advanceStep<World>(
  session: Session,
  steps: readonly Step<World>[],
  driver: Driver<World>,
  closing: AbortSignal,
): Promise<void> {
  const id = currentStep(session.journal)
  const step = steps.find((one) => one.id === id)
  if (step === undefined) {
    await session.write([{ kind: 'succeeded' }])
    return
  }
  if (session.journal.pausing !== undefined) {
    await finishPause(session, step, driver, closing)
    return
  }
  const off = new AbortController()
  session.interrupt = () => {
    // What cannot stand still in its middle goes on to its end.
    if (step.pause !== undefined) off.abort(new CalledOff('called off, to be paused'))
  }
  const signal = AbortSignal.any([closing, off.signal])
  try {
    // Who has asked for the end has asked for it once: the wish does not outlive a restart, the journal does.
    if (session.wish !== undefined || session.journal.cancelRequested) session.interrupt()
    await attemptStep(session, step, driver, signal)
  } catch (error) {
    if (closing.aborted) throw new EngineClosing('the engine ends', { cause: error })
    if (!(error instanceof CalledOff)) throw error
    await beginPause(session, step, driver, closing)
  } finally {
    session.interrupt = undefined
  }
}

async function attemptStep<World>(
  session: Session,
  step: Step<World>,
  driver: Driver<World>,
  signal: AbortSignal,
): Promise<void> {
  const doing: Doing<World, Json> & { look: Step<World>['look'] } = {
    step: step.id,
    title: step.title,
    deadline: step.deadline,
    // Not a method any more: bound, so that a step may use its own fields.
    look: async (context) => step.look(context),
    run: async (context) => step.Result.parse(await step.run(context)),
  }
  const work = workOf(session.journal.forwards, step.id)
  let seen: Awaited<ReturnType<typeof doing.look>> = { state: 'absent' }
  if (!work.goAhead) {
    try {
      seen = await lookAt(doing, session, driver, { begun: begunOf(work), signal })
    } catch (error) {
      signal.throwIfAborted()
      await afterFailure(
        session,
        step,
        { how: 'failed', error, remedy: remedyOf(error), operationIsOver: false, commands: [] },
        driver,
        signal,
      )
      return
    }
  }
  switch (seen.state) {
    case 'done': {
      const result = step.Result.safeParse(seen.result)
      if (result.success)
        await session.write([{ kind: 'step-finished', step: step.id, result: result.data, how: 'look' }])
      else
        await ask(session, `"${step.title}" is done, but what it gave cannot be seen: ${words(result.error)}`, always)
      return
    }
    case 'foreign':
    case 'unknown': {
      const what =
        seen.state === 'foreign' ? 'somebody else has done something there' : 'it cannot be seen whether it is done'
      await ask(session, `"${step.title}": ${what}: ${seen.says}`, seen.offers === 'run' ? ['run', ...always] : always)
      return
    }
    case 'absent':
    case 'running':
  }
  const isResumed = work.begunAt !== undefined && !work.needsAttempt
  if (!isResumed) {
    const operation = driver.makeId(driver.clock.now())
    await session.write([{ kind: 'step-begun', step: step.id, operation }])
  }
  const begun = begunOf(workOf(session.journal.forwards, step.id))
  if (begun === undefined) throw new TypeError(`the step ${step.id} was not begun`)
  const { operation } = begun
  const went = await runIt(doing, session, driver, { operation, begun, seen: seen.state, isResumed, signal })
  if (went.how === 'finished') {
    await session.write([{ kind: 'step-finished', step: step.id, result: went.result, how: 'run' }], {
      transcript: went.commands.map((command) => ({ step: step.id, command })),
    })
    return
  }
  signal.throwIfAborted()
  await afterFailure(session, step, went, driver, signal)
}

/** Notes a failure, and does what its remedy says: try again, ask a person, or end. */
async function afterFailure<World>(
  session: Session,
  step: Step<World>,
  went: Went<Json> & { how: 'failed' },
  driver: Driver<World>,
  signal: AbortSignal,
): Promise<void> {
  const error = words(went.error)
  const failures = workOf(session.journal.forwards, step.id).failures + 1
  const failed = {
    kind: 'step-failed' as const,
    step: step.id,
    error,
    remedy: went.remedy,
    operationIsOver: went.operationIsOver,
  }
  const transcript = went.commands.map((command) => ({ step: step.id, command }))
  if (went.remedy === 'stop') {
    await session.write([failed, { kind: 'failed', error: `"${step.title}": ${error}` }], { transcript })
  } else if (went.remedy === 'ask' || failures >= triesInAll) {
    const tried = went.remedy === 'retry' ? ` (tried ${failures} times)` : ''
    const question = `"${step.title}" has not worked${tried}: ${error}`
    await session.write([failed, { kind: 'asked', question, choices: [...always] }], { transcript })
  } else {
    await session.write([failed], { transcript })
    await session.explainWait(`tries "${step.title}" again: ${error}`)
    await wait(driver.clock, backOff(failures), signal)
  }
}

async function ask(session: Session, question: string, choices: readonly Choice[]): Promise<void> {
  await session.write([{ kind: 'asked', question, choices: [...choices] }])
}

/** After a step was called off in its middle. One that had not begun yet stands at a boundary. */
async function beginPause<World>(
  session: Session,
  step: Step<World>,
  driver: Driver<World>,
  closing: AbortSignal,
): Promise<void> {
  const work = workOf(session.journal.forwards, step.id)
  if (work.begunAt === undefined || work.needsAttempt) return
  await session.write([{ kind: 'pause-begun', step: step.id, operation: driver.makeId(driver.clock.now()) }])
  await finishPause(session, step, driver, closing)
}

async function finishPause<World>(
  session: Session,
  step: Step<World>,
  driver: Driver<World>,
  closing: AbortSignal,
): Promise<void> {
  const { pausing } = session.journal
  if (pausing === undefined || step.pause === undefined) throw new TypeError(`the step ${step.id} cannot be paused`)
  const { pause } = step
  const doing: Doing<World, null> = {
    step: step.id,
    title: pause.title,
    deadline: step.deadline,
    run: async (context) => {
      await pause.run(context)
      return null
    },
  }
  const begun = begunOf(workOf(session.journal.forwards, step.id))
  if (begun === undefined) throw new TypeError(`the step ${step.id} was not begun`)
  for (let failures = 1; ; failures += 1) {
    const went = await runIt(doing, session, driver, {
      operation: pausing.operation,
      begun,
      seen: 'running',
      isResumed: true,
      signal: closing,
    })
    const transcript = went.commands.map((command) => ({ step: step.id, command }))
    if (went.how === 'finished') {
      const reason = pauseReason(session)
      await session.write(
        (journal) => [journal.cancelRequested ? { kind: 'stopped', reason } : { kind: 'paused', reason }],
        { transcript },
      )
      return
    }
    closing.throwIfAborted()
    if (went.remedy !== 'retry' || went.operationIsOver || failures >= triesInAll) {
      // It keeps its locks: what cannot be paused still works.
      const question = `"${pause.title}" has not worked: ${words(went.error)}`
      const another = { kind: 'pause-begun' as const, step: step.id, operation: driver.makeId(driver.clock.now()) }
      await session.write(
        [...(went.operationIsOver ? [another] : []), { kind: 'asked', question, choices: [...always] }],
        { transcript },
      )
      return
    }
    await wait(driver.clock, backOff(failures), closing)
  }
}

export const pauseReason = ({ wish }: Session): string => (wish?.kind === 'pause' ? wish.reason : 'canceled')
