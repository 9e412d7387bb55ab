import { z } from 'zod'
import { Name } from '../domain/fleet.ts'
import { apiVersion } from '../domain/observation.ts'

/** The HTTP contract of the executor (`tiercel executor`), spoken over its unix socket only. */
export const executorPaths = {
  version: '/v1/version',
  /** Runs one probe: `ProbeRequest` in, `ProbeOutcome` out. */
  probe: '/v1/probe',
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
  policy: z.enum(['observe-only']),
})
export type ExecutorVersion = z.infer<typeof ExecutorVersion>
