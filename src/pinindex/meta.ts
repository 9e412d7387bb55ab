import { z } from 'zod'
import { PinsetSummary } from '../domain/pins/pinset-summary.ts'
import { Seal } from './sealed-file.ts'

const count = z.int().nonnegative()

/** Raised with every change of the files: an index of another format is made anew. */
export const indexFormat = 2

/** `meta.json` of one generation of a pin index: what the other files mean, and how long they are. */
export const Meta = z.object({
  format: z.literal(indexFormat),
  /** What stands before the hash in plain CIDs, by number. */
  prefixes: z.array(z.string()),
  peers: z.array(z.string()),
  wishes: z.array(z.tuple([z.int(), z.int()])),
  /** Level 1 of the digest tree: 256 sums and how many pins are in each. */
  nodes: z.array(z.object({ sum: z.string(), pins: count })).length(256),
  /** Bytes of `records`, which change in place: each has a sum of its own. */
  recordsSize: count,
  /** The other files beside this one. */
  seals: z.object({ sets: Seal, odd: Seal, exceptions: Seal }),
  summary: PinsetSummary,
})
export type Meta = z.infer<typeof Meta>
