import { EngineClosing } from './errors.ts'
import { begunOf, stepToUndo, workOf } from './journal.ts'
import type { Driver } from './drive-steps.ts'
import { type Session, words } from './session.ts'
import type { Look, Step } from './step.ts'
import { backOff, type Doing, lookAt, remedyOf, runIt, triesInAll, type Went } from './work.ts'
import { wait } from './wait.ts'

/** Takes the last step that is not undone back. One that failed half-way is among them: its undo looks at what is there. */
export async function undoStep<World>(
  session: Session,
  steps: readonly Step<World>[],
  driver: Driver<World>,
  closing: AbortSignal,
): Promise<void> {
  const id = stepToUndo(session.journal)
  const step = steps.find((one) => one.id === id)
  if (step === undefined) {
    await session.write([{ kind: 'undone' }])
    return
  }
  const { undo } = step
  if (undo.kind === 'nothing') {
    await session.write([{ kind: 'undo-finished', step: step.id, how: 'look' }])
    return
  }
  if (undo.kind === 'noWayBack') {
    await ask(session, `"${step.title}" cannot be undone: ${undo.because}`, { canLook: false })
    return
  }
  const doing: Doing<World, null> & { look: NonNullable<Doing<World, null>['look']> } = {
    step: step.id,
    title: undo.title,
    deadline: step.deadline,
    look: async (context) => undo.look(context),
    run: async (context) => {
      await undo.run(context)
      return null
    },
  }
  try {
    await attemptUndo(session, doing, driver, closing)
  } catch (error) {
    if (closing.aborted) throw new EngineClosing('the engine ends', { cause: error })
    throw error
  }
}

async function attemptUndo<World>(
  session: Session,
  doing: Doing<World, null> & { look: NonNullable<Doing<World, null>['look']> },
  driver: Driver<World>,
  closing: AbortSignal,
): Promise<void> {
  const { step } = doing
  const work = workOf(session.journal.backwards, step)
  let seen: Look<null> = { state: 'absent' }
  if (!work.goAhead) {
    // An undo looks at what the step itself has left: it is given the step's own beginning.
    try {
      seen = await lookAt(doing, session, driver, {
        begun: begunOf(workOf(session.journal.forwards, step)),
        signal: closing,
      })
    } catch (error) {
      closing.throwIfAborted()
      const went = { how: 'failed' as const, error, remedy: remedyOf(error), operationIsOver: false, commands: [] }
      await afterFailure(session, doing, went, driver, closing)
      return
    }
  }
  switch (seen.state) {
    case 'done':
      await session.write([{ kind: 'undo-finished', step, how: 'look' }])
      return
    case 'foreign':
    case 'unknown':
      await ask(session, `"${doing.title}": ${seen.says}`, { canLook: true, canRun: seen.offers === 'run' })
      return
    case 'absent':
    case 'running':
  }
  const isResumed = work.begunAt !== undefined && !work.needsAttempt
  if (!isResumed) {
    await session.write([{ kind: 'undo-begun', step, operation: driver.makeId(driver.clock.now()) }])
  }
  const operation = workOf(session.journal.backwards, step).operations.at(-1)
  const begun = begunOf(workOf(session.journal.forwards, step))
  if (operation === undefined || begun === undefined) throw new TypeError(`the undo of ${step} was not begun`)
  const went = await runIt(doing, session, driver, {
    operation,
    begun,
    seen: seen.state,
    isResumed,
    signal: closing,
  })
  if (went.how === 'finished') {
    const transcript = went.commands.map((command) => ({ step, command }))
    await session.write([{ kind: 'undo-finished', step, how: 'run' }], { transcript })
    return
  }
  closing.throwIfAborted()
  await afterFailure(session, doing, went, driver, closing)
}

/** Notes a failure; tries again what the world may mend by itself, and asks a person otherwise. */
async function afterFailure<World>(
  session: Session,
  { step, title }: Doing<World, null>,
  went: Went<null> & { how: 'failed' },
  driver: Driver<World>,
  closing: AbortSignal,
): Promise<void> {
  const transcript = went.commands.map((command) => ({ step, command }))
  const error = words(went.error)
  const failures = workOf(session.journal.backwards, step).failures + 1
  const failed = {
    kind: 'undo-failed' as const,
    step,
    error,
    remedy: went.remedy,
    operationIsOver: went.operationIsOver,
  }
  if (went.remedy === 'retry' && failures < triesInAll) {
    await session.write([failed], { transcript })
    await session.explainWait(`tries "${title}" again: ${error}`)
    await wait(driver.clock, backOff(failures), closing)
    return
  }
  const question = `"${title}" has not worked: ${error}`
  await session.write([failed, { kind: 'asked', question, choices: ['look-again', 'leave'] }], { transcript })
}

async function ask(
  session: Session,
  question: string,
  { canLook, canRun = false }: { canLook: boolean; canRun?: boolean },
) {
  const choices = [
    ...(canRun ? (['run'] as const) : []),
    ...(canLook ? (['look-again'] as const) : []),
    'leave' as const,
  ]
  await session.write([{ kind: 'asked', question, choices }])
}
