import { z } from 'zod'
import { apiVersion } from '../domain/observation.ts'

/** The HTTP contract of agents (`tiercel agent`), spoken over unix sockets and `tiercel agent stdio`. */
export const agentPaths = {
  /** Who answers: `AgentVersion`. */
  version: '/v1/version',
  /** What the agent knows, from memory: `HostObservation`. */
  observation: '/v1/observation',
  placementRoute: '/v1/stores/:store/placement',
  /** POST `PlacementQuestion`: how the pins of the store's pinset stand, `PlacementAnswer`. */
  placement: (store: string) => `/v1/stores/${encodeURIComponent(store)}/placement`,
  /** What its programs say, as a stream: `LogLine`, see api/logs.ts. */
  logs: '/v1/logs',
} as const

export const AgentVersion = z.object({
  apiVersion: z.literal(apiVersion),
  tiercelVersion: z.string(),
  host: z.string(),
})
export type AgentVersion = z.infer<typeof AgentVersion>

/** Every refusal of agents and executors, as JSON with a status of 4xx or 5xx. */
export const ApiError = z.object({
  error: z.object({
    /** Stable word, for programs. */
    code: z.enum([
      'not-authenticated',
      'not-found',
      'bad-request',
      'refused-by-policy',
      'busy',
      'agent-not-running',
      'ssh-failed',
      'stuck',
      'missing-program',
      'failed',
      // Why an operation is refused: it was not run, and never will be.
      'other-host',
      'older-epoch',
      'other-controller',
      'id-too-old',
      'id-ahead',
      'id-reused',
      'other-key',
      'bad-signature',
      'not-granted',
      'look-only',
      'executor-unreachable',
      'unknown-operation',
      // The log of operations cannot be read or written: nothing is known of any.
      'not-kept',
      // Signed too long ago, or in the future; or it came once already. What is signed anew may be taken.
      'signature-time',
      'signature-used',
    ]),
    message: z.string(),
    /** What to do next. */
    hint: z.string().optional(),
  }),
})
export type ApiError = z.infer<typeof ApiError>

/** The body of a refusal. */
export function apiError(code: ApiError['error']['code'], message: string, hint?: string): ApiError {
  return { error: { code, message, ...(hint === undefined ? {} : { hint }) } }
}
