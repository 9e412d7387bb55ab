import { z } from 'zod'

/** In what a simulated dataset differs from a usual one; see world.ts. */
export const SimOddDataset = z.object({
  mounted: z.boolean().optional(),
  keyStatus: z.enum(['available', 'unavailable']).optional(),
  refquota: z.int().nonnegative().optional(),
  /** Which share of what it uses only its snapshots hold: 0 to 1. */
  snapshotShare: z.number().optional(),
})
export type SimOddDataset = z.infer<typeof SimOddDataset>
