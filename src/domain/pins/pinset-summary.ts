import { z } from 'zod'
import { PinStatus } from '../pinning.ts'
import { Bytes, Duration, Instant } from '../units.ts'
import { CopyLevel } from './copy.ts'

const count = z.int().nonnegative()

/** How a pin on one peer can be other than the pinset says. */
export const PinExceptionKind = z.enum([
  'not-pinned', // allocated here, and Kubo does not list it: still queued, or lost
  'unexpectedly-unpinned', // allocated here, no operation waits, and Kubo does not have it
  'in-error', // the peer has given up on it for now
  'incomplete', // Kubo lists it, and a block is missing
  'orphan', // Kubo has pinned it, and the pinset does not know it or gives it to others: it holds space
])
export type PinExceptionKind = z.infer<typeof PinExceptionKind>

/** A pin on one peer that is not as the pinset says. */
export const PinException = z.object({
  kind: PinExceptionKind,
  cid: z.string(),
  name: z.string(),
  /** When this index first saw it so. */
  since: Instant,
  /** Why, in the words of the program; empty when it gives none. */
  reason: z.string(),
  /** Of a copy that does not count as there: Kubo listed it all the same. */
  isInKubo: z.literal(true).optional(),
})
export type PinException = z.infer<typeof PinException>

/** What the pin index of one store knows, in figures: of the peer's own pinset, and of its own copies. */
export const PinsetSummary = z.object({
  /** The peer whose lists were read. */
  peer: z.string(),
  /** When the reading of the lists began, which these figures stand for, and how long it took. */
  readAt: Instant,
  took: Duration,
  /** Pins in the pinset as this peer has it. */
  pins: count,
  /** Sum of the digests of all pins (cid, options, allocations), 32 hex digits: equal on peers with the same pinset. */
  digest: z.string(),
  /** The earliest reading in a row, up to this one, that gave this digest: how long the pinset has held still. */
  digestSince: Instant,
  /** Pins that this peer is to hold. */
  held: count,
  /** Those, by the highest level known: each counts once. */
  copies: z.record(CopyLevel, count),
  /** Copies that are only `allocated` without an exception that says so: direct or sharded pins. An older agent does not say. */
  unnamed: count.optional(),
  /** Pins by the state that the peer's tracker tells. */
  statuses: z.partialRecord(PinStatus, count),
  exceptions: z.partialRecord(
    PinExceptionKind,
    z.object({
      count,
      /** Of those, how many an earlier reading has met too: what is just on its way is not among them. */
      lasting: count,
      /** The first few, the longest lasting first; all of them are asked for by name. */
      examples: z.array(PinException),
    }),
  ),
  /** More exceptions than are kept: what this peer holds is unverified beyond the count. */
  unverified: z.boolean(),
  /** The background walk that raises copies to `complete`. */
  walk: z.object({
    /** Copies that were walked since the last unclean stop of the host. */
    walked: count,
    /** When the copy that waits the longest was walked; null while one was never walked. */
    oldest: Instant.nullable(),
  }),
  /** Size of the index on disk. */
  size: Bytes,
})
export type PinsetSummary = z.infer<typeof PinsetSummary>

/** How many exceptions of one kind a summary carries by name. */
export const maxExceptionExamples = 20

/** How many exceptions of one kind are kept by name. */
export const maxExceptions = 10_000
