import type { LockRequest, RunRecord } from '../domain/run.ts'
import type { Instant } from '../domain/units.ts'
import type { Family } from './family.ts'
import type { PhaseGate, Preflight } from './procedure.ts'
import type { Want } from './scheduler.ts'

/** What a run needs to have its children worked on. */
export interface Nursery<World> {
  family: Family
  /** By the plan of a child that has not begun. */
  locksOf(child: RunRecord): readonly LockRequest[]
  /** Writes that a planned child works, and has it worked on: its locks are the scheduler's already. False where it is planned no more. */
  begin(child: RunRecord, want: Want): Promise<boolean>
  /** Has a child worked on that has begun, unless somebody does already. */
  drive(child: RunRecord): void
  cancel(child: RunRecord): Promise<void>
  /** Rejects with `NoWayBack` for one that cannot be undone. */
  undo(child: RunRecord): Promise<void>
  purposeOf(child: RunRecord): Promise<'run' | 'undo'>
  look(gate: PhaseGate<World>): Promise<Preflight[]>
  /** Children that stand in the queue for their parent. */
  readonly standing: Set<string>
  /** What has to hold between two batches does; none of the next one has begun yet. */
  isNextBatch: boolean
  /** Since when what has to hold between two batches is waited for. */
  waitsSince?: Instant | undefined
}
