import type { Instant } from '../../domain/units.ts'

/** How far the reading of a source has come; heartbeats tell it. */
export interface Progress {
  /** After the last message that was looked at, given or not. */
  cursor: string | null
  /** Everything from before has been looked at. */
  upTo: Instant | null
  /** Nothing is left but what comes: silence means that there is nothing. */
  isLive: boolean
}
