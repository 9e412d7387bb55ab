import type { GrantRequest, OperationRequest } from '../../api/operations.ts'
import type { Authority, OperationId, OperationState } from '../../domain/operation.ts'

// What is said between the agent and the thread that keeps its log of operations.

export type LogOrder =
  | { call: 'lose' | 'grant' | 'close' }
  | { call: 'judge' | 'accept'; request: OperationRequest }
  | { call: 'find'; id: OperationId }
  | { call: 'write'; id: OperationId; state: OperationState }
  | { call: 'take'; request: GrantRequest }
  | { call: 'authorize'; authority: Authority }

export interface NumberedOrder {
  number: number
  order: LogOrder
}

export type LogReply = { number: number } & ({ value: unknown } | { failure: string })
