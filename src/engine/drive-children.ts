import { isActive, type RunRecord } from '../domain/run.ts'
import { type Admission, tryToAdmit, waitToBeAdmitted } from './admit.ts'
import type { ChildPolicy } from './procedure.ts'
import type { Session } from './session.ts'

/** What a parent needs to have its children worked on. */
export interface Nursery {
  /** Records of all children, in their order. */
  children(): Promise<RunRecord[]>
  /** Begins a child that is planned, if its gate and its locks allow it right now; false otherwise. */
  tryToBegin(child: RunRecord): Promise<boolean>
  /** Has a child worked on that has begun, unless somebody does already. */
  drive(child: RunRecord): void
  cancel(child: RunRecord): Promise<void>
  undo(child: RunRecord): Promise<void>
  keyOf(child: RunRecord): string
  policy: ChildPolicy
  order(waiting: readonly string[], running: readonly string[]): string[]
}

/** Works on a parent until all children have ended. Rejects only when the engine ends, or by a fault of ours. */
export async function driveChildren<World>(
  session: Session,
  nursery: Nursery,
  admission: Admission<World>,
  closing: AbortSignal,
): Promise<void> {
  for (;;) {
    closing.throwIfAborted()
    const { state, cancelRequested } = session.journal
    const children = await nursery.children()
    switch (state) {
      case 'waiting': {
        if (cancelRequested) {
          await session.write([{ kind: 'stopped', reason: 'canceled' }])
          return
        }
        const refused = await tryToAdmit(session, [], admission)
        if (refused !== undefined) {
          await session.explainWait(refused.reason)
          await waitToBeAdmitted(admission, refused.until, closing)
        }
        continue
      }
      case 'paused':
        await session.write([{ kind: 'woken' }])
        continue
      case 'running':
        if (await tendForwards(session, children, nursery)) return
        break
      case 'undoing':
        if (await tendBackwards(session, children, nursery)) return
        break
      case 'planned':
      case 'asking':
      case 'stopped':
      case 'failed':
      case 'undone':
      case 'left':
      case 'succeeded':
        return
    }
    await waitToBeAdmitted(admission, null, closing)
  }
}

/** True when the parent has come to an end. */
async function tendForwards(session: Session, children: readonly RunRecord[], nursery: Nursery): Promise<boolean> {
  const active = children.filter(({ state }) => isActive(state))
  const asking = children.filter(({ state }) => state === 'asking')
  const planned = children.filter(({ state }) => state === 'planned')
  const failed = children.filter(({ state }) => ['failed', 'stopped', 'undone', 'left'].includes(state))
  const succeeded = children.filter(({ state }) => state === 'succeeded')
  for (const child of active) nursery.drive(child)
  session.record = { ...session.record, share: children.length === 0 ? 1 : succeeded.length / children.length }

  if (session.journal.cancelRequested) {
    for (const child of [...active, ...asking]) {
      await nursery.cancel(child)
    }
    if (active.length + asking.length > 0) return false
    await session.write([{ kind: 'stopped', reason: `canceled: ${summary(children)}` }])
    return true
  }
  const mayBegin = failed.length < nursery.policy.stopAfter
  if (mayBegin && planned.length > 0) await beginSome(planned, [...active, ...asking], nursery)
  else if (active.length + asking.length === 0) {
    if (failed.length === 0) await session.write([{ kind: 'succeeded' }])
    else await session.write([{ kind: 'failed', error: `${summary(children)}: ${whyFailed(failed, nursery)}` }])
    return true
  }
  await session.explainWait(
    asking.length > 0
      ? `${asking.map((child) => nursery.keyOf(child)).join(', ')}: a person is asked`
      : summary(children),
  )
  return false
}

/** Begins those that can begin, best first; after each, the order is made anew. */
async function beginSome(planned: readonly RunRecord[], busy: readonly RunRecord[], nursery: Nursery): Promise<void> {
  const waiting = new Map(planned.map((child) => [nursery.keyOf(child), child]))
  const running = busy.map((child) => nursery.keyOf(child))
  const refused = new Set<string>()
  while (running.length < nursery.policy.atOnce) {
    const key = nursery.order([...waiting.keys()], running).find((one) => !refused.has(one))
    const child = key === undefined ? undefined : waiting.get(key)
    if (key === undefined || child === undefined) return
    if (await nursery.tryToBegin(child)) {
      waiting.delete(key)
      running.push(key)
    } else {
      refused.add(key)
    }
  }
}

async function tendBackwards(session: Session, children: readonly RunRecord[], nursery: Nursery): Promise<boolean> {
  // One after the other, the last first.
  const last = children.findLast(({ state }) => !['planned', 'undone', 'left'].includes(state))
  if (last === undefined) {
    await session.write([{ kind: 'undone' }])
    return true
  }
  if (last.state === 'failed' || last.state === 'stopped' || last.state === 'succeeded') await nursery.undo(last)
  else if (isActive(last.state)) nursery.drive(last)
  await session.explainWait(`${nursery.keyOf(last)} is being undone`)
  return false
}

function summary(children: readonly RunRecord[]): string {
  const of = (...states: RunRecord['state'][]) => children.filter(({ state }) => states.includes(state)).length
  const parts = [
    `${of('succeeded')} of ${children.length} have succeeded`,
    ...(of('failed') > 0 ? [`${of('failed')} failed`] : []),
    ...(of('planned') > 0 ? [`${of('planned')} not begun`] : []),
  ]
  return parts.join(', ')
}

const whyFailed = (failed: readonly RunRecord[], nursery: Nursery): string =>
  failed
    .slice(0, 3)
    .map((child) => `${nursery.keyOf(child)} ${child.state === 'failed' ? child.reason : `was ${child.state}`}`)
    .join('; ')
