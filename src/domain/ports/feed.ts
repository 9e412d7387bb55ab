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

/** What came after a sequence. `isGap`: something between is not kept any more, or the sequence is of another store. */
export interface FeedPage {
  entries: FeedEntry[]
  isGap: boolean
}

/** The last things that happened, within a bound. They are written in the transaction of what they tell of. */
export interface Feed {
  add(entry: Omit<FeedEntry, 'sequence'>): Promise<number>
  after(sequence: number, limit: number): Promise<FeedPage>
  /** 0 where there is none. */
  newest(): Promise<number>
}
