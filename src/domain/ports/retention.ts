import type { Instant } from '../units.ts'

/** What is old, and how much of it there may be at most: whatever is beyond either goes, the oldest first. */
export interface Bounds {
  before: Instant
  most: number
}

/** Names of the procedures of which something stays in the world: a run of one that has succeeded stays until it is undone or left. */
export type Staying = readonly string[]

/**
 * Forgets runs that are over, a few at each call, so that nobody waits for long; answers how many. A run that is not over, and
 * whatever is a part of one, is never touched.
 */
export interface Retention {
  /** Of runs with all their parts, journals and transcripts; `most` counts those that can go, without their parts. */
  forgetRuns(bounds: Bounds, staying: Staying): Promise<number>
  /** How many runs cannot go, without their parts, however old they are. */
  keptRuns(staying: Staying): Promise<number>
  /** Of their transcripts alone: the last command stays, without output, and says so. `most`: bytes of all transcripts. */
  forgetTranscripts(bounds: Bounds): Promise<number>
}
