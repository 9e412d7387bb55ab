import { z } from 'zod'
import { Operation, OperationId, OperationState } from '../domain/operation.ts'

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
  /** The kinds of operation that the host's policy allows. */
  allows: z.array(z.string()),
  /** How long an accepted operation lies before its work begins. */
  delay: count,
  /** Ids made before this moment are refused: they may have been forgotten. */
  remembersSince: moment,
  operations: z.array(SimOperation),
  marks: z.array(SimMark),
})
export type SimChanging = z.infer<typeof SimChanging>

export const newChanging = (): SimChanging => ({
  allows: Operation.options.map(({ shape }) => shape.kind.value),
  delay: 0,
  remembersSince: 0,
  operations: [],
  marks: [],
})
