import { z } from 'zod'
import { operationKinds } from '../operations/registry.ts'

// How a simulated host takes what it is asked to do, as plain data; see world.ts. What its agent keeps is in sim-agent.ts.

/** A mark that `practice` has left. */
const SimMark = z.object({ mark: z.string(), operation: z.string() })

/** A program that waits in the kernel; no signal ends it. It gets on when what it waits for is there again. */
const SimHanging = z.object({ file: z.string(), args: z.array(z.string()), by: z.string() })

export const SimChanging = z.object({
  /** The kinds of operation that the host's policy allows, on everything; practice always is. */
  allows: z.array(z.string()),
  /** How long a program lies before it does something. */
  delay: z.int().nonnegative(),
  marks: z.array(SimMark),
  hanging: z.array(SimHanging).default([]),
})
type SimChanging = z.infer<typeof SimChanging>

export const newChanging = (): SimChanging => ({ allows: [...operationKinds], delay: 0, marks: [], hanging: [] })
