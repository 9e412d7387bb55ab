import type { Json } from '../run.ts'
import type { Instant } from '../units.ts'

/** Something that happened in the controller, for those who follow. */
export interface FeedEntry {
  /** Rises by one; never used twice. */
  sequence: number
  at: Instant
  /** `run`, `freeze`, …: a stable word. */
  kind: string
  run: string | null
  body: Json
}

/** What came after a sequence. Where `oldest` is beyond the next one, something between is not kept any more. */
export interface FeedPage {
  entries: FeedEntry[]
  /** The oldest that is kept; 0 where there is none. */
  oldest: number
}

/** The last things that happened, within a bound. They are written in the transaction of what they tell of. */
export interface Feed {
  add(entry: Omit<FeedEntry, 'sequence'>): Promise<number>
  after(sequence: number, limit: number): Promise<FeedPage>
  /** 0 where there is none. */
  newest(): Promise<number>
}
