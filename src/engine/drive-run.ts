import { notBegun } from '../domain/run.ts'
import { seconds } from '../domain/units.ts'
import { type Drive, takeLocks, wantOf } from './drive.ts'
import { driveChildren } from './drive-children.ts'
import { advanceStep } from './drive-step.ts'
import { askGate, gateEvery, untilAsked, watchGate } from './gate.ts'
import { currentStep, hasNotBegun, isInFlight, turnOf } from './journal.ts'
import { pauseReason } from './pause-step.ts'
import { whyWaiting } from './scheduler.ts'
import type { Session } from './session.ts'
import { wait } from './wait.ts'
import { backOff } from './work.ts'

/** A minute after a minute, as the back-off has it: some three minutes in all. */
const looksBeforeBegin = 9

/** Works on a run until it is over, asks, or has stopped. Rejects only when the engine ends, or by a fault of ours. */
export async function driveRun<World>(session: Session, drive: Drive<World>): Promise<void> {
  const { closing, scheduler } = drive
  const watch = watchGate(session, drive, closing)
  try {
    await scheduler.ready()
    do {
      closing.throwIfAborted()
    } while (await driveOnce(session, drive))
  } catch (error) {
    // Whether locks were written is not known.
    if (!closing.aborted) await scheduler.reload().catch(() => undefined)
    throw error
  } finally {
    watch.end()
    scheduler.unwatch(session.record.id)
    scheduler.leave(session.record.id)
  }
}

/** One turn; false when nothing is to be done without a person. */
async function driveOnce<World>(session: Session, drive: Drive<World>): Promise<boolean> {
  const { state, cancelRequested } = session.journal
  switch (state) {
    case 'paused':
    case 'waiting':
      // What an older release has let rest at work goes on first: it is paused or waited for as any other.
      if (cancelRequested && !isInFlight(session.journal))
        await session.write([{ kind: 'stopped', reason: 'canceled' }])
      else if (state === 'waiting') await admit(session, drive)
      else await wake(session, drive)
      return true
    case 'running':
      return forwards(session, drive)
    case 'undoing': {
      const item = itemOf(session, drive, 'backwards')
      if (item?.phase === undefined) await advanceStep(session, item?.step, 'backwards', drive, drive.closing)
      else await driveChildren(session, item, 'backwards', await drive.nursery(session), drive)
      return true
    }
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

const itemOf = <World>(session: Session, drive: Drive<World>, direction: 'forwards' | 'backwards') => {
  const id = turnOf(session.journal, direction)
  return drive.workload(session).items.find((item) => item.id === id)
}

/** One try to let a waiting run work: the gate is asked, and all locks are taken with the word that it works. Else it waits its turn. */
async function admit<World>(session: Session, drive: Drive<World>): Promise<void> {
  const { scheduler, clock, closing } = drive
  session.wish = undefined
  const gate = await askGate(session, drive)
  if (!gate.open) {
    // Whoever may not begin keeps nobody else from it.
    scheduler.leave(session.record.id)
    await session.explainWait(gate.reason)
    await session.bell.heard(clock, untilAsked(drive, gate), closing)
    return
  }
  const { locks, items } = drive.workload(session)
  const want = wantOf(session, locks)
  const blockers = scheduler.take(want)
  if (blockers.length === 0) {
    // Where the store would not have it, it is not asked again at once.
    if (!(await takeLocks(session, want, items, drive))) await wait(clock, seconds(1), closing)
    return
  }
  scheduler.wait(want, () => session.bell.ring())
  await session.explainWait(whyWaiting(blockers))
  await session.bell.heard(clock, gateEvery, closing)
}

/** A paused run goes on when its gate is open; who made it give way is in the queue before it. */
async function wake<World>(session: Session, drive: Drive<World>): Promise<void> {
  const gate = await askGate(session, drive, false)
  if (!gate.open) {
    await session.explainWait(gate.reason)
    await session.bell.heard(drive.clock, untilAsked(drive, gate), drive.closing)
    return
  }
  session.wish = undefined
  await session.write((journal) =>
    journal.state === 'paused' && (!journal.cancelRequested || isInFlight(journal)) ? [{ kind: 'woken' }] : [],
  )
}

async function forwards<World>(session: Session, drive: Drive<World>): Promise<boolean> {
  const { isFleet, locks } = drive.workload(session)
  // It may have waited long for its locks: only with them in hand does it hold what is seen now.
  if (!isFleet && hasNotBegun(session.journal) && !session.journal.cancelRequested) {
    const against = await lastingObjection(session, drive)
    if (against !== undefined) {
      await session.write([{ kind: 'failed', error: `${notBegun}${against}` }])
      return false
    }
    // Where that took long, somebody may have canceled meanwhile, and the plan may be another.
    if (session.journal.cancelRequested) return true
  }
  const item = itemOf(session, drive, 'forwards')
  if (item?.phase !== undefined) {
    await driveChildren(session, item, 'forwards', await drive.nursery(session), drive)
    return true
  }
  const pressure = drive.scheduler.pressure(wantOf(session, locks))
  if (pressure !== undefined && session.wish === undefined) session.want({ kind: 'pause', reason: pressure })
  if (!isInFlight(session.journal) && currentStep(session.journal) !== undefined) {
    if (session.journal.cancelRequested) {
      await session.write([{ kind: 'stopped', reason: 'canceled' }])
      return false
    }
    if (session.wish !== undefined) {
      await session.write([{ kind: 'paused', reason: pauseReason(session) }])
      return true
    }
  }
  await advanceStep(session, item?.step, 'forwards', drive, drive.closing)
  return true
}

/**
 * What keeps a run from being begun. What cannot be seen at the moment, since an agent restarts, is looked at again for some
 * minutes: nobody is to be woken for it. It has its locks meanwhile, so it gives way at once when it is asked to.
 */
async function lastingObjection<World>(session: Session, drive: Drive<World>): Promise<string | undefined> {
  const { clock, closing } = drive
  const asked = new AbortController()
  session.interrupt = () => asked.abort()
  const signal = AbortSignal.any([closing, asked.signal])
  try {
    for (let failures = 1; ; failures += 1) {
      const { against, plan } = await drive.beforeBegin(session)
      if (session.journal.cancelRequested || session.wish !== undefined) return undefined
      if (against === undefined) {
        if (plan !== undefined) await drive.replan(session, plan)
        return undefined
      }
      if (against.isSeen || failures >= looksBeforeBegin) return against.says
      await session.explainWait(`cannot be begun yet: ${against.says}`)
      await wait(clock, backOff(failures), signal).catch(() => closing.throwIfAborted())
    }
  } finally {
    session.interrupt = undefined
  }
}
