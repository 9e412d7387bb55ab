import { z } from 'zod'
import { Duration, Instant, Share } from './units.ts'

/**
 * What a host can be asked to do: a kind, and a few words, from which the host builds the command itself. The kinds are those of
 * src/operations, which alone knows what is to be said with each.
 */
export const Operation = z.looseObject({
  kind: z.string().regex(/^[a-z0-9-]{1,64}$/, 'a kind is small letters, digits and -'),
})
export type Operation = z.infer<typeof Operation>

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
