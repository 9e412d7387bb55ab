import { explain } from '../domain/errors.ts'
import { isActive, rank, type RunRecord, type RunState } from '../domain/run.ts'
import { hours } from '../domain/units.ts'
import type { Drive } from './drive.ts'
import { ifItHasMovedOn, NoWayBack } from './errors.ts'
import type { Member } from './family.ts'
import { askGate, gateEvery, untilAsked } from './gate.ts'
import { type Direction, workOf } from './journal.ts'
import type { Nursery } from './nursery.ts'
import type { Gate } from './options.ts'
import type { Item, PhaseGate } from './procedure.ts'
import type { Want } from './scheduler.ts'
import type { Session } from './session.ts'

type Phase<World> = Extract<Item<World>, { step?: undefined }>

const ended: readonly RunState[] = ['failed', 'stopped', 'undone', 'left']

/** Works on the children of one phase until the phase is over, asks, or waits for something; then it is called again. */
export async function driveChildren<World>(
  session: Session,
  item: Phase<World>,
  direction: Direction,
  nursery: Nursery<World>,
  drive: Drive<World>,
): Promise<void> {
  const members = nursery.family.of({ children: item.phase.children, first: item.first })
  if (direction === 'backwards') {
    await tendBackwards(session, item, members, nursery, drive)
    return
  }
  if (workOf(session.journal.forwards, item.id).begunAt === undefined) {
    await session.write([{ kind: 'phase-begun', step: item.id }])
  }
  const { phase } = item
  const isIn = (...states: RunState[]) => members.filter(({ record }) => states.includes(record.state))
  const busy = members.filter(({ record }) => isActive(record.state) || record.state === 'asking')
  const planned = isIn('planned')
  for (const { record } of busy) if (record.state !== 'asking') nursery.drive(record)

  if (session.journal.cancelRequested) {
    withdraw(nursery, drive)
    for (const { record } of busy) await nursery.cancel(record)
    if (busy.length > 0) await rest(session, members, nursery, drive)
    else await session.write([{ kind: 'stopped', reason: `canceled: ${summary(members)}` }])
    return
  }
  // A person has seen those that were left or undone before this run was resumed.
  const failed = isIn(...ended).filter(({ record }) => !session.journal.skips.includes(record.child ?? -1))
  const mayBegin = failed.length < phase.stopAfter
  if (planned.length > 0 && mayBegin) {
    await tendForwards(session, item, { members, planned, busy }, nursery, drive)
    return
  }
  withdraw(nursery, drive)
  if (busy.length > 0) await rest(session, members, nursery, drive)
  else if (failed.length === 0) {
    await session.write([{ kind: 'step-finished', step: item.id, result: null, how: 'run' }])
  } else await session.write([{ kind: 'failed', error: `${summary(members)}: ${whyFailed(failed)}` }])
}

/** Begins those that can begin, and waits until something has changed. */
async function tendForwards<World>(
  session: Session,
  { phase, id }: Phase<World>,
  { members, planned, busy }: Record<'members' | 'planned' | 'busy', readonly Member[]>,
  nursery: Nursery<World>,
  drive: Drive<World>,
): Promise<void> {
  if (phase.gate !== undefined && planned.length < members.length && !nursery.isNextBatch) {
    if (busy.length > 0) {
      withdraw(nursery, drive)
      await rest(session, members, nursery, drive)
      return
    }
    if (!(await holds(session, phase.gate, id, nursery, drive))) return
    // Asked once a batch: what stands in the queue for it then stays there.
    nursery.isNextBatch = true
  }
  const gate = await askGate(session, drive, true)
  if (!gate.open) {
    withdraw(nursery, drive)
    await rest(session, members, nursery, drive, gate)
    return
  }
  const { order = (waiting: readonly string[]) => [...waiting] } = phase
  const waiting = new Map(planned.map((member) => [member.key, member]))
  const running = busy.map(({ key }) => key)
  const wants = new Map(planned.map(({ key, record }) => [key, wantOfChild(session, record, nursery)]))
  const free = (key: string): boolean => {
    const want = wants.get(key)
    return want !== undefined && (want.class === 'emergency' || drive.scheduler.blockers(want).length === 0)
  }
  while (running.length < phase.atOnce) {
    const ready = [...waiting.keys()].filter(free)
    const [key] = ready.length === 0 ? [] : order(ready, running)
    const member = key === undefined ? undefined : waiting.get(key)
    const want = key === undefined ? undefined : wants.get(key)
    if (key === undefined || member === undefined || want === undefined) break
    waiting.delete(key)
    nursery.standing.delete(member.record.id)
    if (drive.scheduler.take(want).length === 0 && (await nursery.begin(member.record, want))) {
      running.push(key)
      nursery.isNextBatch = false
    }
    // A person may have said something meanwhile.
    if (session.journal.cancelRequested) return
  }
  stand(
    session,
    { waiting, wants, slots: phase.atOnce - running.length, order: (keys) => order(keys, running) },
    nursery,
    drive,
  )
  await rest(session, members, nursery, drive)
}

const wantOfChild = <World>(session: Session, child: RunRecord, nursery: Nursery<World>): Want => ({
  run: child.id,
  family: session.root.id,
  title: child.title,
  class: child.class,
  locks: nursery.locksOf(child),
})

/**
 * Those that would begin next stand in the queue: what a lower class holds is asked for, and does not come back before them. Where only
 * equals are in the way, one of them keeps the place of all.
 */
function stand<World>(
  session: Session,
  of: {
    waiting: ReadonlyMap<string, Member>
    wants: ReadonlyMap<string, Want>
    slots: number
    order: (keys: readonly string[]) => string[]
  },
  { standing }: Nursery<World>,
  { scheduler }: Drive<World>,
): void {
  const { waiting, wants, slots, order } = of
  const wake = () => session.bell.ring()
  const keys = [...waiting.keys()]
  const wantOf = (key: string) => wants.get(key)
  const next = new Set<Want>()
  if (slots > 0) {
    const giving = keys.filter((key) => {
      const want = wantOf(key)
      return want !== undefined && scheduler.blockers(want).every((one) => one.rank < rank(want.class))
    })
    const before = giving.filter((key) => standing.has(wantOf(key)?.run ?? ''))
    const others = giving.filter((key) => !before.includes(key))
    const chosen = [...before, ...(others.length === 0 ? [] : order(others))].slice(0, slots)
    for (const key of chosen.length > 0 ? chosen : keys.slice(0, 1)) {
      const want = wantOf(key)
      if (want !== undefined) next.add(want)
    }
  }
  const runs = new Set([...next].map(({ run }) => run))
  for (const run of standing) if (!runs.has(run)) scheduler.leave(run)
  standing.clear()
  for (const want of next) {
    scheduler.wait(want, wake)
    standing.add(want.run)
  }
  const wanted = slots > 0 ? keys.flatMap((key) => wantOf(key)?.locks ?? []) : []
  scheduler.watch(session.record.id, wanted, wake)
}

/** None of its children stands in the queue for it any more. */
export function withdraw<World>({ standing }: Nursery<World>, { scheduler }: Pick<Drive<World>, 'scheduler'>): void {
  for (const run of standing) scheduler.leave(run)
  standing.clear()
}

/** Says how far it is, and waits until a child has moved, a lock that is wanted was let go, or the gate may be another. */
async function rest<World>(
  session: Session,
  members: readonly Member[],
  { standing }: Nursery<World>,
  drive: Drive<World>,
  gate?: Gate,
): Promise<void> {
  const asking = members.filter(({ record }) => record.state === 'asking')
  const says =
    asking.length > 0
      ? `${asking.map(({ key }) => key).join(', ')}: a person is asked`
      : (reasonOf(gate) ?? summary(members))
  await session.explainWait(says, shareOf(members))
  if (gate !== undefined) {
    await session.bell.heard(drive.clock, untilAsked(drive, gate), drive.closing)
    return
  }
  // Where nothing rings, only the gate can have changed: with thousands of children, nothing else is looked at again.
  while (!(await session.bell.heard(drive.clock, standing.size > 0 ? gateEvery : hours(1), drive.closing))) {
    if (standing.size === 0 || !(await askGate(session, drive, true)).open) return
  }
}

const reasonOf = (gate: Gate | undefined): string | undefined => (gate?.open === false ? gate.reason : undefined)

/** Whether what has to hold between two batches does; waits for it, and asks a person in the end. */
async function holds<World>(
  session: Session,
  gate: PhaseGate<World>,
  id: string,
  nursery: Nursery<World>,
  drive: Drive<World>,
): Promise<boolean> {
  const now = drive.clock.now()
  nursery.waitsSince ??= now
  const lines = await nursery.look(gate)
  const against = lines.filter(({ verdict }) => verdict !== 'holds')
  if (against.length === 0) {
    nursery.waitsSince = undefined
    return true
  }
  withdraw(nursery, drive)
  const says = `${gate.title}: ${against.map(({ title, says: why }) => `${title}: ${why}`).join('; ')}`
  if (now - nursery.waitsSince >= gate.within) {
    nursery.waitsSince = undefined
    await session.write([
      { kind: 'asked', question: `no other one is begun: ${says}`, choices: ['look-again', 'undo', 'leave'] },
    ])
    return false
  }
  await session.explainWait(`waits, before others of ${id} are begun: ${says}`)
  await session.bell.heard(drive.clock, gateEvery, drive.closing)
  return false
}

/** One after the other, the last first. */
async function tendBackwards<World>(
  session: Session,
  item: Phase<World>,
  members: readonly Member[],
  nursery: Nursery<World>,
  drive: Drive<World>,
): Promise<void> {
  withdraw(nursery, drive)
  const last = members.findLast(({ record: { state } }) => !['planned', 'undone', 'left'].includes(state))
  if (last === undefined) {
    await session.write([{ kind: 'undo-finished', step: item.id, how: 'run' }])
    return
  }
  const { key, record } = last
  let says = `${key} is being undone`
  try {
    if ((isActive(record.state) || record.state === 'asking') && (await nursery.purposeOf(record)) === 'undo') {
      if (record.state === 'asking') says = `${key}: a person is asked`
      else nursery.drive(record)
    } else if (isActive(record.state)) {
      nursery.drive(record)
      await nursery.cancel(record)
    } else await nursery.undo(record)
  } catch (error) {
    if (!(error instanceof NoWayBack)) {
      ifItHasMovedOn(error)
      says = `${key}: ${explain(error)}`
    } else {
      const question = `${key} has no way back: ${error.message}`
      await session.write([{ kind: 'asked', question, choices: ['skip', 'look-again', 'leave'] }])
      return
    }
  }
  await session.explainWait(says)
  await session.bell.heard(drive.clock, hours(1), drive.closing)
}

const shareOf = (members: readonly Member[]): number =>
  members.length === 0 ? 1 : members.filter(({ record }) => record.state === 'succeeded').length / members.length

function summary(members: readonly Member[]): string {
  const of = (state: RunState) => members.filter(({ record }) => record.state === state).length
  const parts = (['failed', 'left', 'undone'] as const).flatMap((state) =>
    of(state) > 0 ? [`${of(state)} ${state}`] : [],
  )
  const waiting = of('planned') > 0 ? [`${of('planned')} not begun`] : []
  return [`${of('succeeded')} of ${members.length} have succeeded`, ...parts, ...waiting].join(', ')
}

const whyFailed = (failed: readonly Member[]): string =>
  failed
    .slice(0, 3)
    .map(({ key, record }) => `${key} ${record.state === 'failed' ? record.reason : `was ${record.state}`}`)
    .join('; ')
