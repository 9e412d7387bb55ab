import type { Instant } from '../units.ts'

/** No change starts, over the whole fleet. */
export interface Freeze {
  by: string
  reason: string
  /** Since when. */
  at: Instant
  /** null: until somebody ends it. Whoever reads it judges by the clock. */
  until: Instant | null
}

/** Whether new changes are held back. */
export interface Freezes {
  read(): Promise<Freeze | undefined>
  /** Undefined ends it. */
  set(freeze: Freeze | undefined): Promise<void>
}
