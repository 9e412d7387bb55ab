import { z } from 'zod'

// Snapshots of the simulated world, as plain data; see world.ts.

export const SimSnapshot = z.object({
  /** `pool/path@name`. */
  name: z.string(),
  guid: z.string(),
  createtxg: z.int().nonnegative(),
  createdAt: z.number(),
  referenced: z.int().nonnegative(),
  /** User properties. */
  properties: z.record(z.string(), z.string()),
  holds: z.array(z.object({ tag: z.string(), heldAt: z.number() })),
})
export type SimSnapshot = z.infer<typeof SimSnapshot>
