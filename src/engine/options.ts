import type { Clock } from '../domain/ports/clock.ts'
import type { RunStore } from '../domain/ports/run-store.ts'
import type { OperationId } from '../domain/operation.ts'
import type { RunRecord } from '../domain/run.ts'
import type { Instant } from '../domain/units.ts'
import type { Procedure } from './procedure.ts'

/** Whether a run may work now, by what the engine does not know of: a freeze, a window, a lost grant. */
export type Gate =
  | { open: true }
  /** `until`: when it should be asked again at the latest; null where nobody can say. */
  | { open: false; reason: string; until: Instant | null }

/** Whether a run may work now; for a part of a run, the whole is asked about. `starting`: it has done nothing yet. */
export type AskGate = (run: Pick<RunRecord, 'class' | 'procedure'>, what: { starting: boolean }) => Promise<Gate>

/** What an engine is made of. */
export interface EngineOptions<World> {
  procedures: readonly Procedure<World>[]
  store: RunStore
  world: World
  clock: Clock
  /**
   * Asked before a run takes its locks, and again and again while it works: `starting` for a run that has done nothing yet,
   * which a freeze holds back.
   */
  gate?: AskGate
  /** Makes the ids of runs and operations. */
  makeId: (now: Instant) => OperationId
  /** A fault of ours, or of the store, that no run's journal can hold. */
  report: (problem: { run: string | undefined; error: unknown }) => void
}
