import type { Instant } from '../units.ts'

/** Runs that were asked for under an id of the asker's: asking again, after an answer was lost, begins no second one. */
export interface Requests {
  runOf(request: string): Promise<string | undefined>
  /** Rejects where the request is there with another run. */
  remember(request: string, run: string, at: Instant): Promise<void>
  forget(before: Instant): Promise<void>
}
