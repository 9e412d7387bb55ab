import type { Json, LockRequest } from '../domain/run.ts'
import type { Nursery } from './nursery.ts'
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

/** Writes that the locks which the scheduler has given are taken, and that it works. */
export async function takeLocks<World>(
  session: Session,
  { run, class: ofClass, locks }: Want,
  { clock, scheduler }: Pick<Drive<World>, 'clock' | 'scheduler'>,
): Promise<boolean> {
  const force = ofClass === 'emergency'
  const isIn = await session.write(
    ({ state }) => {
      if (state === 'waiting') return [{ kind: 'locks-taken' }]
      // A child is started with the word that it works.
      const started = { kind: 'started' as const, by: session.record.requestedBy }
      return state === 'planned' ? [started, { kind: 'locks-taken' }] : []
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
