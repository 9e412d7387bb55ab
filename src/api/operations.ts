import { z } from 'zod'
import { Name } from '../domain/fleet.ts'
import { apiVersion } from '../domain/observation.ts'
import { Authority, OperationId, OperationState } from '../domain/operation.ts'
import { PublicKey, Signature } from '../domain/signed.ts'
import { Instant } from '../domain/units.ts'
import { PolicyView } from '../operations/policy.ts'
import { KnownOperation } from '../operations/registry.ts'
import { ApiError } from './agent.ts'

/** The part of the agents' HTTP contract by which things are changed, and looked at right before. */
export const operationPaths = {
  /** POST `OperationRequest`: `OperationAnswer`, or a refusal. The same id again: the same operation. */
  operations: '/v1/operations',
  operationRoute: '/v1/operations/:id',
  /** GET: `OperationAnswer`; 404 `unknown-operation` where the id has never come here. */
  operation: (id: string) => `/v1/operations/${encodeURIComponent(id)}`,
  watchRoute: '/v1/operations/:id/watch',
  /** GET: a stream of `WatchLine`, the state as it is first, the last one final. */
  watch: (id: string) => `/v1/operations/${encodeURIComponent(id)}/watch`,
  cancelRoute: '/v1/operations/:id/cancel',
  /** POST `CancelRequest`: `OperationAnswer`, as it is then; how it ended is told by its state. */
  cancel: (id: string) => `/v1/operations/${encodeURIComponent(id)}/cancel`,
  /** GET: `GrantAnswer`. POST `GrantRequest`: the same, or a refusal. */
  grant: '/v1/grant',
  /** POST `NoteRequest` with the grant token: `GrantAnswer`. */
  note: '/v1/grant/note',
  /** POST `LookRequest`: `LookAnswered`, of a look that begins after the question. What there is: `src/observe/looks.ts`. */
  look: '/v1/look',
  /** GET: `PolicyAnswer`. */
  policy: '/v1/policy',
} as const

/** By the key that the host has noted with its controller: `signedText` says of what. */
const signed = {
  /** When it was signed, by the clock of the controller. */
  at: Instant,
  signature: Signature,
}

export const OperationRequest = z.strictObject({
  apiVersion: z.literal(apiVersion),
  /** The name of the agent that is meant: another refuses it. */
  host: Name,
  id: OperationId,
  authority: Authority,
  operation: KnownOperation,
  ...signed,
})
export type OperationRequest = z.infer<typeof OperationRequest>

export const CancelRequest = z.strictObject({
  apiVersion: z.literal(apiVersion),
  host: Name,
  authority: Authority,
  ...signed,
})
export type CancelRequest = z.infer<typeof CancelRequest>

export const OperationAnswer = z.object({ apiVersion: z.literal(apiVersion), id: OperationId, state: OperationState })
export type OperationAnswer = z.infer<typeof OperationAnswer>

/**
 * One line of a watched operation. `alive` comes at least every {@link heartbeatMs}, so that a dead connection is seen;
 * a stream that ends without a final state was cut off.
 */
export const WatchLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('state'), state: OperationState }),
  z.object({ kind: z.literal('alive') }),
  z.object({ kind: z.literal('failed'), error: ApiError.shape.error }),
])
export type WatchLine = z.infer<typeof WatchLine>

export const heartbeatMs = 5000
/** How long whoever watches waits for a sign of life. */
export const longestWatchSilenceMs = 20_000

export const GrantRequest = z.strictObject({
  apiVersion: z.literal(apiVersion),
  host: Name,
  ...Authority.shape,
  /** Takes the host from another controller, or from another key of this one, by name. Its epoch must be higher. */
  takeOver: z.boolean(),
  /** The key by which this is signed, and by which all changes will be. */
  key: PublicKey,
  ...signed,
})
export type GrantRequest = z.infer<typeof GrantRequest>

/** Somebody who has the grant token says whom this host obeys, whatever it obeyed before. */
export const NoteRequest = z.strictObject({ apiVersion: z.literal(apiVersion), ...Authority.shape, key: PublicKey })
export type NoteRequest = z.infer<typeof NoteRequest>

export const GrantAnswer = z.object({
  apiVersion: z.literal(apiVersion),
  host: z.string(),
  /** Whom this agent obeys; null before the first controller has come. */
  authority: Authority.nullable(),
  /** Whose signature it takes; null also where a release without signatures has noted its controller. */
  key: PublicKey.nullable(),
  /** The newest id that this agent has ever accepted: a controller that does not know it has been restored from a copy. */
  lastOperation: OperationId.nullable(),
  /** That operation as it was asked for: whoever has signed it can see that it was. null also where it is of another release. */
  lastRequest: OperationRequest.nullable().catch(null),
})
export type GrantAnswer = z.infer<typeof GrantAnswer>

export const LookRequest = z.strictObject({
  apiVersion: z.literal(apiVersion),
  what: z.string(),
  question: z.json().default({}),
})
export type LookRequest = z.infer<typeof LookRequest>

export const LookAnswered = z.object({ apiVersion: z.literal(apiVersion), value: z.unknown() })
export type LookAnswered = z.infer<typeof LookAnswered>

export const PolicyAnswer = z.object({ apiVersion: z.literal(apiVersion), policy: PolicyView })
export type PolicyAnswer = z.infer<typeof PolicyAnswer>
