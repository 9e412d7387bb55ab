import type { Duration, Instant } from '../units.ts'

/** Time, as a parameter: the machine's, or the simulator's. */
export interface Clock {
  now(): Instant
  /** Calls `run` once after `delay`; the function that comes back calls it off. */
  after(delay: Duration, run: () => void): () => void
}
