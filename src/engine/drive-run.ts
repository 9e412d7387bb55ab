import type { LockRequest } from '../domain/run.ts'
import { seconds } from '../domain/units.ts'
import { type Admission, isNew, mustPause, tryToAdmit, waitToBeAdmitted } from './admit.ts'
import { advanceStep } from './drive-step.ts'
import { currentStep, isInFlight } from './journal.ts'
import { pauseReason } from './pause-step.ts'
import type { Objection } from './planning.ts'
import type { Session } from './session.ts'
import type { Step } from './step.ts'
import { wait } from './wait.ts'
import { backOff, type Driver } from './work.ts'

/** A minute after a minute, as the back-off has it: some three minutes in all. */
const looksBeforeBegin = 9

/** How often a run that works is held against its gate. */
const gateEvery = seconds(15)

/** What is to be worked on. */
export interface Workload<World> {
  steps: readonly Step<World>[]
  locks: readonly LockRequest[]
  /** Looks whether it can still be begun; says why not. */
  objection: () => Promise<Objection | undefined>
}

/** Works on a run until it is over, asks, or has stopped. Rejects only when the engine ends, or by a fault of ours. */
export async function driveSteps<World>(
  session: Session,
  { steps, locks, objection }: Workload<World>,
  driver: Driver<World> & Admission<World>,
  closing: AbortSignal,
): Promise<void> {
  const watch = watchGate(session, driver, closing)
  try {
    for (;;) {
      closing.throwIfAborted()
      if (!(await driveOnce(session, { steps, locks, objection }, driver, closing))) return
    }
  } finally {
    watch.end()
    driver.queue.delete(session.record.id)
    driver.bell.ring()
  }
}

/** One turn; false when nothing is to be done without a person. */
async function driveOnce<World>(
  session: Session,
  { steps, locks, objection }: Workload<World>,
  driver: Driver<World> & Admission<World>,
  closing: AbortSignal,
): Promise<boolean> {
  const { state, cancelRequested } = session.journal
  switch (state) {
    case 'paused':
    case 'waiting': {
      if (cancelRequested) {
        await session.write([{ kind: 'stopped', reason: 'canceled' }])
        return false
      }
      if (state === 'paused') {
        await waitForGate(session, driver, closing)
        return true
      }
      session.wish = undefined
      const refused = await tryToAdmit(session, locks, driver)
      if (refused !== undefined) {
        await session.explainWait(refused.reason)
        await waitToBeAdmitted(driver, refused.until, closing)
      }
      return true
    }
    case 'running': {
      // It may have waited long for its locks: only with them in hand does it hold what is seen now.
      if (isNew(session) && !cancelRequested) {
        const against = await lastingObjection(session, objection, driver, closing)
        if (against !== undefined) {
          await session.write([{ kind: 'failed', error: `not begun: ${against}` }])
          return false
        }
        // Where that took long, somebody may have canceled meanwhile.
        if (session.journal.cancelRequested) return true
      }
      if (!isInFlight(session.journal) && currentStep(session.journal) !== undefined) {
        if (cancelRequested) {
          await session.write([{ kind: 'stopped', reason: 'canceled' }])
          return false
        }
        if (session.wish !== undefined) {
          await session.write([{ kind: 'paused', reason: pauseReason(session) }])
          driver.bell.ring()
          return true
        }
      }
      await advanceStep(session, steps, 'forwards', driver, closing)
      // It may hold no locks any more.
      if (session.journal.state !== 'running') driver.bell.ring()
      return true
    }
    case 'undoing':
      await advanceStep(session, steps, 'backwards', driver, closing)
      return true
    case 'planned':
    case 'asking':
    case 'stopped':
    case 'failed':
    case 'undone':
    case 'left':
    case 'succeeded':
      break
  }
  return false
}

/**
 * What keeps a run from being begun. What cannot be seen at the moment, since an agent restarts, is looked at again for some
 * minutes: nobody is to be woken for it. It has its locks meanwhile, so it gives way at once when it is asked to.
 */
async function lastingObjection<World>(
  session: Session,
  objection: Workload<World>['objection'],
  driver: Driver<World>,
  closing: AbortSignal,
): Promise<string | undefined> {
  const asked = new AbortController()
  session.interrupt = () => asked.abort()
  const signal = AbortSignal.any([closing, asked.signal])
  try {
    for (let failures = 1; ; failures += 1) {
      const against = await objection()
      if (against === undefined || session.journal.cancelRequested || session.wish !== undefined) return undefined
      if (against.isSeen || failures >= looksBeforeBegin) return against.says
      await session.explainWait(`cannot be begun yet: ${against.says}`)
      await wait(driver.clock, backOff(failures), signal).catch(() => closing.throwIfAborted())
    }
  } finally {
    session.interrupt = undefined
  }
}

/** A paused run goes on when its gate is open; who made it give way holds the locks until then, so it waits for those next. */
async function waitForGate<World>(session: Session, driver: Admission<World>, closing: AbortSignal): Promise<void> {
  const reason = await mustPause(session, driver)
  if (reason !== undefined) {
    await session.explainWait(reason)
    await waitToBeAdmitted(driver, null, closing)
    return
  }
  session.wish = undefined
  await session.write((journal) => (journal.state === 'paused' && !journal.cancelRequested ? [{ kind: 'woken' }] : []))
}

/** While a run works, its window may close. */
function watchGate<World>(session: Session, driver: Admission<World>, closing: AbortSignal): { end(): void } {
  let callOff: (() => void) | undefined
  let isOver = false
  const look = async () => {
    if (session.journal.state === 'running' && session.wish === undefined) {
      const reason = await mustPause(session, driver).catch(() => undefined)
      if (reason !== undefined && session.journal.state === 'running') session.want({ kind: 'pause', reason })
    }
    if (!isOver && !closing.aborted) callOff = driver.clock.after(gateEvery, () => void look())
  }
  if (driver.gate !== undefined) callOff = driver.clock.after(gateEvery, () => void look())
  return {
    end() {
      isOver = true
      callOff?.()
    },
  }
}
