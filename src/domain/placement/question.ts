import { z } from 'zod'

/** Whether a copy is there: known to be, known not to be, or not known. `maybe` counts neither for us nor against us. */
export const Certainty = z.enum(['no', 'maybe', 'yes'])
export type Certainty = z.infer<typeof Certainty>

/** One peer that may hold pins, and what is known of its copies as a whole. Single pins differ: {@link CopyException}. */
export const Holder = z.object({
  peer: z.string(),
  /** What is lost together: its host. Copies on peers of one place count as one, as do those of peers with one Kubo. */
  place: z.string(),
  /** Whether its copies can be reached, and are listed by its Kubo. */
  pinned: Certainty,
  /** Whether they can be reached, and were walked. */
  complete: Certainty,
})
export type Holder = z.infer<typeof Holder>

/** One copy of which less is true than of the others of its peer. */
export const CopyException = z.object({
  peer: z.string(),
  cid: z.string(),
  /**
   * What is still true of it: `allocated`, it is not in Kubo; `pinned`, it is there, and a block is missing; `unseen`, nobody
   * knows, since the lists of its peer have not met the pin as it is here.
   */
  level: z.enum(['allocated', 'pinned', 'unseen']),
})
export type CopyException = z.infer<typeof CopyException>

/** What is asked about a pinset: how its pins stand, and how they would without some peers. */
export const PlacementQuestion = z.object({
  /** Every declared peer of the cluster: those that −1 means. A peer that is not here is unknown to the fleet. */
  holders: z.array(Holder),
  exceptions: z.array(CopyException),
  /** The peers whose copies would not be there. */
  without: z.array(z.string()),
  /** How many copies must stay for a pin that loses one; `promise`: its replication-min, and two where it goes everywhere. */
  keep: z.union([z.int().nonnegative(), z.literal('promise')]),
  /** Whether a holder that the fleet does not know may be one of those that would not be there; absent: it stays. */
  strangers: z.enum(['stay', 'may-go']).optional(),
})
export type PlacementQuestion = z.infer<typeof PlacementQuestion>
