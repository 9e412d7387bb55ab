import { z } from 'zod'
import { PinsetSummary } from '../domain/pins/pinset-summary.ts'

const count = z.int().nonnegative()

/** Raised with every change of the files: an index of another format is made anew. */
export const indexFormat = 1

/** `meta.json` of one generation of a pin index: what the other files mean, and how long they are. */
export const Meta = z.object({
  format: z.literal(indexFormat),
  /** What stands before the hash in plain CIDs, by number. */
  prefixes: z.array(z.string()),
  peers: z.array(z.string()),
  wishes: z.array(z.tuple([z.int(), z.int()])),
  /** Level 1 of the digest tree: 256 sums and how many pins are in each. */
  nodes: z.array(z.object({ sum: z.string(), pins: count })).length(256),
  /** Bytes of each file beside this one. */
  sizes: z.object({ records: count, sets: count, odd: count, exceptions: count }),
  summary: PinsetSummary,
})
export type Meta = z.infer<typeof Meta>
