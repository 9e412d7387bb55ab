import type { GuardedAction } from '../procedure-settings.ts'
import type { Instant } from '../units.ts'

/** What one person has asked of a run, and what is done when a second one asks for the same. */
export interface FirstWord {
  run: string
  action: Exclude<GuardedAction, 'start'>
  /** Which answer; empty where it is none. */
  choice: string
  person: string
  /** The run as it stood then: of one that has gone on since, nothing was asked. */
  planHash: string
  version: number
  at: Instant
}

/** The first words that wait for a second: one for each run and action. */
export interface FirstWords {
  of(run: string): Promise<FirstWord[]>
  /** In the place of the one before. */
  put(word: FirstWord): Promise<void>
  remove(run: string, action: FirstWord['action']): Promise<void>
}
