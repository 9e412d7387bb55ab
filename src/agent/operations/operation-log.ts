import { z } from 'zod'
import { ApiError } from '../../api/agent.ts'
import { GrantAnswer, type GrantRequest, type NoteRequest, type OperationRequest } from '../../api/operations.ts'
import { OpsError } from '../../domain/errors.ts'
import { type Authority, type OperationId, OperationState } from '../../domain/operation.ts'
import type { Signature } from '../../domain/signed.ts'

export const Objection = ApiError.shape.error.optional()
/** Why something is refused; undefined where it is not. */
export type Objection = z.infer<typeof Objection>

/** What became of a request: `new` is to be run now, `known` never again. */
export const Acceptance = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('new') }),
  z.object({ outcome: z.literal('known'), state: OperationState }),
  z.object({ outcome: z.literal('refused'), refusal: ApiError.shape.error }),
])
export type Acceptance = z.infer<typeof Acceptance>

/** Whom this host obeys. */
export const Grant = GrantAnswer.omit({ apiVersion: true, host: true })
export type Grant = z.infer<typeof Grant>

export const Taken = z.union([Grant, z.object({ refusal: ApiError.shape.error })])
export type Taken = z.infer<typeof Taken>

/** What was asked for; signed, but where nobody else can ask. */
export type AskedOperation = Omit<OperationRequest, 'at' | 'signature'> &
  Partial<Pick<OperationRequest, 'at' | 'signature'>>

/** More at once than the pools of any host. */
export const mostUnderWay = 32

/**
 * What this agent was asked to do, and how it ended: on disk when a method resolves. Each rejects with {@link LogFailed}
 * where it could not be written; then nothing has changed.
 */
export interface OperationLog {
  /** What was under way when the agent ended last is lost from now on. Gives the ids. */
  lose(): Promise<OperationId[]>
  judge(request: AskedOperation): Promise<Acceptance>
  accept(request: AskedOperation): Promise<Acceptance>
  find(id: OperationId): Promise<OperationState | undefined>
  /** Never changes what is final already. */
  write(id: OperationId, state: OperationState): Promise<void>
  grant(): Promise<Grant>
  /** Gives the host to whoever may have it. `mayGrant`: who asks may give it to anybody. The signature was looked at. */
  take(request: GrantRequest, mayGrant: boolean): Promise<Taken>
  /** Gives the host to this one, whatever it obeyed before. */
  note(granted: NoteRequest): Promise<Grant>
  authorize(authority: Authority): Promise<Objection>
  /** Objects to what came once already. */
  use(signature: Signature): Promise<Objection>
  close(): Promise<void>
}

/** The log could not be read or written: a full disk, a folder that is not ours. */
export class LogFailed extends OpsError {
  readonly remedy = 'retry'
}
