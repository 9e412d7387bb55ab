import type { Operation, OperationId, OperationState } from '../operation.ts'

/**
 * The one way by which anything is changed on a host. All other ports only read. Implementations: the simulator, and an
 * agent reached from afar; an agent has it done by its executor.
 *
 * Each call rejects with `Unreachable` when nobody answers: then nothing is known of the operation, and the same id is
 * asked for again. A refusal (the policy, a newer controller, an id that is too old or of another host) rejects with
 * {@link Refusal}: the operation was not run and never will be.
 */
export interface Changes {
  /** Posting the same id again gives the same operation; it is never run twice. */
  submit(id: OperationId, operation: Operation, signal?: AbortSignal): Promise<OperationState>
  /** States as they come, the last one final. Ends early only by an error. */
  watch(id: OperationId, signal?: AbortSignal): AsyncIterable<OperationState>
  /** Undefined when the id has never come here. */
  result(id: OperationId, signal?: AbortSignal): Promise<OperationState | undefined>
  /** Asks a running operation to end; what it has done so far stays, and its state says how it ended. */
  cancel(id: OperationId, signal?: AbortSignal): Promise<OperationState | undefined>
}
