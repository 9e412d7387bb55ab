import { z } from 'zod'
import { Authority, Operation, OperationId, OperationState } from '../domain/operation.ts'

// What the agent of a simulated host has been asked to do, as plain data; see world.ts.

const moment = z.number()
const count = z.int().nonnegative()

/** One operation as the host's agent keeps it. What has not ended yet is told by the moments. */
export const SimOperation = z.object({
  id: OperationId,
  operation: Operation,
  acceptedAt: moment,
  /** When its work begins; before that it is accepted, and nothing of it is there. */
  beginsAt: moment,
  hasBegun: z.boolean(),
  /** When it ends by itself; null while it hangs, or when it has ended. */
  endsAt: moment.nullable(),
  /** null until it has ended. */
  end: OperationState.nullable(),
})
export type SimOperation = z.infer<typeof SimOperation>

/** A mark that `practice` has left. */
export const SimMark = z.object({ mark: z.string(), operation: z.string(), leftAt: moment })
export type SimMark = z.infer<typeof SimMark>

/** How a host takes what it is asked to do, and what has come of it. */
export const SimChanging = z.object({
  /** The controller that the host obeys; null until the first one has come. */
  obeys: Authority.nullable(),
  /** The kinds of operation that the host's policy allows; practice always is. */
  allows: z.array(z.string()),
  /** How long an accepted operation lies before its work begins. */
  delay: count,
  /** Whether the executor looks at the pool before it acts, as ours does. Without, `zpool scrub` can hang. */
  guards: z.boolean(),
  /** Ids made before this moment are refused: they may have been forgotten. */
  remembersSince: moment,
  operations: z.array(SimOperation),
  marks: z.array(SimMark),
})
export type SimChanging = z.infer<typeof SimChanging>

/** How long an agent remembers operations, in milliseconds. */
const remembersFor = 7 * 86_400_000

export const newChanging = (now: number): SimChanging => ({
  obeys: null,
  allows: Operation.options.map(({ shape }) => shape.kind.value),
  delay: 0,
  guards: true,
  remembersSince: now - remembersFor,
  operations: [],
  marks: [],
})
