import type { Instant } from '../units.ts'

/** A person's word for one plan of one run. */
export interface Approval {
  run: string
  planHash: string
  by: string
  at: Instant
  expiresAt: Instant
}

/** Who has approved what. Whether it still counts is judged by whoever reads it. */
export interface Approvals {
  /** A person's newest word replaces the one before. */
  add(approval: Approval): Promise<void>
  /** In the order in which they were given. */
  of(run: string): Promise<Approval[]>
}
