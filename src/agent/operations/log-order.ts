import type { GrantRequest, NoteRequest } from '../../api/operations.ts'
import type { Authority, OperationId, OperationState } from '../../domain/operation.ts'
import type { Signature } from '../../domain/signed.ts'
import type { AskedOperation } from './operation-log.ts'

/** What the thread that keeps the log of operations is asked. */
export type LogOrder =
  | { call: 'lose' | 'grant' | 'close' }
  | { call: 'judge' | 'accept'; request: AskedOperation }
  | { call: 'find'; id: OperationId }
  | { call: 'write'; id: OperationId; state: OperationState }
  | { call: 'take'; request: GrantRequest; mayGrant: boolean }
  | { call: 'note'; granted: NoteRequest }
  | { call: 'authorize'; authority: Authority }
  | { call: 'use'; signature: Signature }
