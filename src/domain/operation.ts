import { z } from 'zod'
import { PoolName } from './fleet.ts'
import { Duration, Instant, Share } from './units.ts'

/** A pool as an operation names it: the guid is checked right before acting, so that a pool that was made anew is not meant. */
const poolTarget = { pool: PoolName, guid: z.string().regex(/^\d{1,20}$/, 'a guid is decimal, as zpool get prints it') }

/**
 * What a host can be asked to do: each is a few words, from which the executor builds the command itself. Whatever is added
 * here is refused on every host until its policy names it.
 */
export const Operation = z.discriminatedUnion('kind', [
  /** Starts a scrub, or goes on with a paused one. `errorsOnly` reads just the blocks of the error list (OpenZFS 2.2+). */
  z.strictObject({ kind: z.literal('scrub-start'), ...poolTarget, errorsOnly: z.boolean() }),
  /** Pauses the running scrub; its place is kept, also over a restart of the host. */
  z.strictObject({ kind: z.literal('scrub-pause'), ...poolTarget }),
  /** Ends the running scrub for good; what it has verified counts for nothing. */
  z.strictObject({ kind: z.literal('scrub-stop'), ...poolTarget }),
  /** Leaves a mark in the agent's own folder, over `takes`, with progress: harmless, to learn on. `fails`: after half of it. */
  z.strictObject({
    kind: z.literal('practice-mark'),
    mark: z.string().regex(/^[a-z0-9-]{1,64}$/),
    takes: Duration,
    fails: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('practice-unmark'), mark: z.string().regex(/^[a-z0-9-]{1,64}$/) }),
])
export type Operation = z.infer<typeof Operation>

export type OperationKind = Operation['kind']

/** UUIDv7: sorts by the time at which it was made (RFC 9562). */
export const OperationId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, 'an operation id is a UUIDv7')
  .brand<'OperationId'>()
export type OperationId = z.infer<typeof OperationId>

/** When the id was made, by the clock of its maker. */
export const madeAt = (id: OperationId): Instant => Instant.parse(Number.parseInt(id.replace('-', '').slice(0, 12), 16))

/** One program that was run on a host for somebody, for the transcript. Output is bounded and without secrets. */
export const CommandRecord = z.object({
  host: z.string(),
  /** As a person would type it. */
  command: z.string(),
  at: Instant,
  took: Duration,
  /** null when a signal ended it, or when it never ended. */
  exitCode: z.int().nullable(),
  stdout: z.string(),
  stderr: z.string(),
})
export type CommandRecord = z.infer<typeof CommandRecord>

/** How far an operation is. `lost`: the agent died under it; it is never run again by itself. */
export const OperationState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('accepted') }),
  z.object({ state: z.literal('running'), share: Share.optional(), text: z.string().optional() }),
  z.object({ state: z.literal('succeeded'), result: z.json(), commands: z.array(CommandRecord) }),
  z.object({
    state: z.literal('failed'),
    error: z.string(),
    remedy: z.enum(['retry', 'ask', 'stop']),
    commands: z.array(CommandRecord),
  }),
  z.object({ state: z.literal('lost'), error: z.string() }),
])
export type OperationState = z.infer<typeof OperationState>

const highestEpoch = 1_000_000

/** Who asks an agent to change something: an agent obeys one controller, and of that only its newest epoch. */
export const Authority = z.object({
  controller: z.string().regex(/^[a-z0-9-]{1,64}$/),
  /** Rises by one when a controller takes over by name: a bound that nobody reaches, and that leaves no room for one beyond all others. */
  epoch: z.int().positive().max(highestEpoch, `an epoch is at most ${highestEpoch}`),
})
export type Authority = z.infer<typeof Authority>

/** True when nothing more will happen to it. */
export const isFinal = ({ state }: OperationState): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'lost'
