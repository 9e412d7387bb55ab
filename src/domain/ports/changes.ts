/** An operation that a host can carry out. There is none yet: procedures bring them, each with its own shape. */
export type Operation = never

/** How far an operation is. `lost`: the agent died under it; it is never run again by itself. */
export type OperationState =
  | { state: 'accepted' | 'running'; share?: number }
  | { state: 'succeeded'; result: unknown }
  | { state: 'failed'; error: string }
  | { state: 'lost' }

/** The one way by which anything is changed on a host. All other ports only read. */
export interface Changes {
  /** Posting the same id again gives the same operation; it is never run twice. */
  submit(id: string, operation: Operation, signal?: AbortSignal): Promise<OperationState>
  /** States as they come, the last one final. */
  watch(id: string, signal?: AbortSignal): AsyncIterable<OperationState>
  /** Undefined when the id is not known here. */
  result(id: string, signal?: AbortSignal): Promise<OperationState | undefined>
}
