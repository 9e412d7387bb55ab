import { begunOf, workOf } from './journal.ts'
import { type Session, words } from './session.ts'
import type { Step } from './step.ts'
import { backOff, type Doing, type Driver, runIt, triesInAll } from './work.ts'
import { wait } from './wait.ts'

/** Has a step stand still in its middle, under the operation that the journal has for that. One that cannot keeps its locks: it still works. */
export async function pauseStep<World>(
  session: Session,
  step: Step<World>,
  driver: Driver<World>,
  closing: AbortSignal,
): Promise<void> {
  const { pausing } = session.journal
  const begun = begunOf(workOf(session.journal.forwards, step.id))
  const { pause } = step
  if (pausing === undefined || pause === undefined || begun === undefined) {
    throw new TypeError(`the step ${step.id} cannot be paused`)
  }
  const doing: Doing<World, null> = {
    step: step.id,
    title: pause.title,
    deadline: step.deadline,
    run: async (context) => {
      await pause.run(context)
      return null
    },
  }
  for (let failures = 1; ; failures += 1) {
    const { operation } = pausing
    const attempt = { operation, begun, seen: 'running', isResumed: true, signal: closing } as const
    const went = await runIt(doing, session, driver, attempt)
    if (went.how === 'finished') {
      const reason = pauseReason(session)
      await session.write((journal) => [
        journal.cancelRequested ? { kind: 'stopped', reason } : { kind: 'paused', reason },
      ])
      return
    }
    closing.throwIfAborted()
    if (went.remedy !== 'retry' || went.operationIsOver || failures >= triesInAll) {
      const question = `"${pause.title}" has not worked: ${words(went.error)}`
      const another = { kind: 'pause-begun' as const, step: step.id, operation: driver.makeId(driver.clock.now()) }
      const asked = {
        kind: 'asked' as const,
        question,
        choices: ['look-again' as const, 'undo' as const, 'leave' as const],
      }
      await session.write([...(went.operationIsOver ? [another] : []), asked])
      return
    }
    await wait(driver.clock, backOff(failures), closing)
  }
}

export const pauseReason = ({ wish }: Session): string => (wish?.kind === 'pause' ? wish.reason : 'canceled')
