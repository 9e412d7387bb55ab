import { z } from 'zod'
import { Duration, Instant } from '../units.ts'
import { Assessment } from './assessment.ts'

/** What the agent of a store makes of a question about its pinset. */
export const PlacementAnswer = z.object({
  assessment: Assessment,
  /** How long it took to go through the pinset; the answer to the same question may come from memory. */
  took: Duration,
  /** Which reading of the lists it is about, whole; an agent of an older release does not say it. */
  readAt: Instant.optional(),
})
export type PlacementAnswer = z.infer<typeof PlacementAnswer>
