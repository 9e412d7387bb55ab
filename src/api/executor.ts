import { z } from 'zod'
import { Name, PoolName } from '../domain/fleet.ts'
import { apiVersion } from '../domain/observation.ts'
import { CommandRecord, OperationId } from '../domain/operation.ts'
import { Share } from '../domain/units.ts'
import { Policy } from '../operations/policy.ts'
import { KnownOperation } from '../operations/registry.ts'
import { ApiError } from './agent.ts'

/** The HTTP contract of the executor (`tiercel executor`), spoken over its unix socket only. */
export const executorPaths = {
  version: '/v1/version',
  /** Runs one probe: `ProbeRequest` in, `ProbeOutcome` out. */
  probe: '/v1/probe',
  /** POST `RootRequest`: does one operation, and tells it in lines of `RootLine`; 403 where the policy does not allow it. */
  operations: '/v1/operations',
  /** POST `CancelRequest`: calls off an operation that lasts; `CancelAnswer`. How it ended is told where it was asked for. */
  cancel: '/v1/cancel',
  /** POST `PermitRequest`: 200 `PermitAnswer` where it would be allowed, else 403. Changes nothing. */
  permit: '/v1/permit',
  /** GET: `PolicyAnswer`. */
  policy: '/v1/policy',
} as const

/**
 * The probes that need root. The executor builds the command itself from these few words: nothing that a caller sends
 * reaches a command line.
 */
export const ProbeRequest = z.discriminatedUnion('probe', [
  z.strictObject({
    apiVersion: z.literal(apiVersion),
    probe: z.literal('pool-status'),
    /** Whether this OpenZFS prints JSON (2.3+). */
    json: z.boolean(),
  }),
  /** Which transactions the scans of a pool were to read, by its history. The executor looks the pool up in the kernel. */
  z.strictObject({ apiVersion: z.literal(apiVersion), probe: z.literal('scan-setups'), pool: PoolName }),
  /** What the kernel keeps of the events of ZFS, all pools. */
  z.strictObject({ apiVersion: z.literal(apiVersion), probe: z.literal('zpool-events') }),
  /** What the kernel keeps of its own messages, as /dev/kmsg gives them. */
  z.strictObject({ apiVersion: z.literal(apiVersion), probe: z.literal('kernel-log') }),
  z.strictObject({
    apiVersion: z.literal(apiVersion),
    probe: z.literal('cluster-settings'),
    /** A store that agent.yaml on this host names, with its folder: the executor looks it up there by itself. */
    store: Name,
  }),
  /** SMART of one disk: the kernel's own name of it, which the executor looks up in the kernel's list. */
  z.strictObject({
    apiVersion: z.literal(apiVersion),
    probe: z.literal('smart'),
    disk: z.string().regex(/^[a-z0-9]{1,32}$/),
  }),
])
export type ProbeRequest = z.infer<typeof ProbeRequest>

/** What the program said. Reading it is the agent's business: what runs as root parses nothing. */
export const ProbeOutcome = z.object({
  apiVersion: z.literal(apiVersion),
  stdout: z.string(),
})
export type ProbeOutcome = z.infer<typeof ProbeOutcome>

export const ExecutorVersion = z.object({
  apiVersion: z.literal(apiVersion),
  tiercelVersion: z.string(),
  /** What the policy on this host lets it do. */
  policy: Policy.shape.mode.unwrap(),
})
export type ExecutorVersion = z.infer<typeof ExecutorVersion>

export const PermitRequest = z.strictObject({ apiVersion: z.literal(apiVersion), operation: KnownOperation })

export const RootRequest = z.strictObject({
  ...PermitRequest.shape,
  /** As the agent's log calls it: for the audit, so that both can be laid side by side, and for what the operation makes. */
  id: OperationId,
})

export const CancelRequest = z.strictObject({ apiVersion: z.literal(apiVersion), id: OperationId })
export const CancelAnswer = z.object({ apiVersion: z.literal(apiVersion) })

/** Commands as the executor knows them: it does not know the name of its host. */
const RootCommand = CommandRecord.omit({ host: true })
export type RootCommand = z.infer<typeof RootCommand>

/** How an operation ended, with what was run for it. */
export const RootOutcome = z.object({
  apiVersion: z.literal(apiVersion),
  commands: z.array(RootCommand),
  end: z.discriminatedUnion('state', [
    z.object({ state: z.literal('succeeded'), result: z.json() }),
    z.object({ state: z.literal('failed'), error: z.string(), remedy: z.enum(['retry', 'ask', 'stop']) }),
  ]),
})
export type RootOutcome = z.infer<typeof RootOutcome>

/**
 * One line of an operation that is done: `running` at once, and then at least every {@link rootHeartbeatMs}, so that whoever asked
 * knows that somebody works; the last one is another.
 */
export const RootLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('running'), share: Share.optional(), text: z.string().optional() }),
  z.object({ kind: z.literal('ended'), outcome: RootOutcome }),
  z.object({ kind: z.literal('failed'), error: ApiError.shape.error }),
])
export type RootLine = z.infer<typeof RootLine>

export const rootHeartbeatMs = 5000
/** How long whoever asked waits for a line: what is silent for longer is dead. */
export const longestRootSilenceMs = 60_000

export const PermitAnswer = z.object({ apiVersion: z.literal(apiVersion), says: z.string() })
export type PermitAnswer = z.infer<typeof PermitAnswer>
