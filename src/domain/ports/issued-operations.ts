import type { OperationId } from '../operation.ts'
import type { Instant } from '../units.ts'

/** An operation that was, or is about to be, submitted to a host. */
export interface IssuedOperation {
  id: OperationId
  host: string
  run: string
  at: Instant
}

/**
 * What this controller has asked of hosts, written before it asks. A host that remembers an operation of ours that is not
 * here tells that this store is an older copy.
 */
export interface IssuedOperations {
  /** Once more is no harm. */
  add(operation: IssuedOperation): Promise<void>
  /** `forgotten`: no newer than what was forgotten, so that nobody can say. */
  find(id: OperationId): Promise<IssuedOperation | 'forgotten' | undefined>
  /** Forgets those from before; that they were there is remembered. */
  forget(before: Instant): Promise<void>
}
