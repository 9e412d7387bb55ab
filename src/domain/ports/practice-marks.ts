import type { OperationId } from '../operation.ts'

/** The marks that `practice` leaves: a small file each, in the agent's own folder, with the id of its operation. */
export interface PracticeMarks {
  list(): Promise<{ mark: string; operation: string }[]>
  /** The id that left it; undefined where there is none. */
  find(mark: string): Promise<string | undefined>
  /** Is on the disk when this resolves. */
  leave(mark: string, operation: OperationId): Promise<void>
  /** False where there was none. */
  take(mark: string): Promise<boolean>
}
