import { z } from 'zod'
import type { Operation } from './operation.ts'

/**
 * What an operation on a scrub has come to. What was so already is a success: what was wanted holds, and `outcome` tells
 * that it was not us.
 */
export const ScrubResult = z.object({
  outcome: z.enum([
    'started', // begun, or gone on with: zpool says the same of both
    'was-running',
    'paused',
    'was-paused',
    'stopped',
    'was-none', // there was no scrub to pause or to stop: it may have come to its end just before
  ]),
})
export type ScrubResult = z.infer<typeof ScrubResult>

export const MarkResult = z.object({
  mark: z.string(),
  /** `was-none`: there was nothing to take away. */
  outcome: z.enum(['left', 'taken-away', 'was-none']),
})
export type MarkResult = z.infer<typeof MarkResult>

/** What an operation works on: two on the same are never done at once. */
export const subjectOf = (operation: Operation): string =>
  'pool' in operation ? `pool ${operation.pool}` : `mark ${operation.mark}`
