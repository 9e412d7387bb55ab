import type { Json, LockRequest } from '../domain/run.ts'
import type { Nursery } from './nursery.ts'
import type { RunEvent } from './events.ts'
import { currentStep, type Journal, workOf } from './journal.ts'
import type { EngineOptions } from './options.ts'
import type { Objection } from './planning.ts'
import type { Item } from './procedure.ts'
import type { Scheduler, Want } from './scheduler.ts'
import type { Session } from './session.ts'
import type { Driver } from './work.ts'

/** What is to be worked on. Made anew when the plan has become another. */
export interface Workload<World> {
  items: readonly Item<World>[]
  locks: readonly LockRequest[]
  isFleet: boolean
}

/** What driving a run needs of the engine. */
export interface Drive<World> extends Driver<World>, Pick<EngineOptions<World>, 'gate'> {
  scheduler: Scheduler
  /** Of the present plan of a run. */
  workload: (session: Session) => Workload<World>
  /** Looks whether it can still be begun; says why not, or which plan is that of this moment. */
  beforeBegin: (session: Session) => Promise<{ against?: Objection; plan?: Json }>
  /** Takes the plan of this moment. */
  replan: (session: Session, plan: Json) => Promise<void>
  nursery: (session: Session) => Promise<Nursery<World>>
  closing: AbortSignal
}

/** What a run wants of the scheduler. */
export const wantOf = ({ record, root }: Session, locks: readonly LockRequest[]): Want => ({
  run: record.id,
  family: root.id,
  title: record.title,
  class: record.class,
  locks,
})

/** Writes that the locks which the scheduler has given are taken, and that it works on these items. */
export async function takeLocks<World>(
  session: Session,
  { run, class: ofClass, locks }: Want,
  items: Workload<World>['items'],
  { clock, scheduler }: Pick<Drive<World>, 'clock' | 'scheduler'>,
): Promise<boolean> {
  const force = ofClass === 'emergency'
  const isIn = await session.write(
    (journal) => {
      const taken = [{ kind: 'locks-taken' as const }, ...phaseBegins(journal, items)]
      if (journal.state === 'waiting') return taken
      // A child is started with the word that it works.
      return journal.state === 'planned' ? [{ kind: 'started', by: session.record.requestedBy }, ...taken] : []
    },
    {
      async guard(transaction) {
        if (session.journal.state !== 'waiting' && session.journal.state !== 'planned') return false
        const standing = await transaction.takeLocks(run, locks, { class: ofClass, at: clock.now(), force })
        return standing.length === 0 || force
      },
    },
  )
  // The store knows better: so it does after a fault of ours.
  if (!isIn) await scheduler.reload()
  return isIn
}

/** The phase whose turn it is begins; in one write with what makes it its turn to work, so that no journal is ever without the word. */
function phaseBegins<World>(journal: Journal, items: Workload<World>['items']): RunEvent[] {
  const item = items.find(({ id }) => id === currentStep(journal))
  const isDue = journal.purpose === 'run' && item?.phase !== undefined
  return isDue && workOf(journal.forwards, item.id).begunAt === undefined
    ? [{ kind: 'phase-begun', step: item.id }]
    : []
}
