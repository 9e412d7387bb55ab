import type { GrantRequest, OperationRequest } from '../../api/operations.ts'
import type { Authority, OperationId, OperationState } from '../../domain/operation.ts'

/** What the thread that keeps the log of operations is asked. */
export type LogOrder =
  | { call: 'lose' | 'grant' | 'close' }
  | { call: 'judge' | 'accept'; request: OperationRequest }
  | { call: 'find'; id: OperationId }
  | { call: 'write'; id: OperationId; state: OperationState }
  | { call: 'take'; request: GrantRequest }
  | { call: 'authorize'; authority: Authority }
