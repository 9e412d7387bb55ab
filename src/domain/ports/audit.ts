import type { Instant } from '../units.ts'

/** Who changed what, and how it went. */
export interface AuditEntry {
  /** From 1, without gaps. */
  sequence: number
  at: Instant
  who: string
  what: string
  subject: string
  outcome: string
  /** SHA-256, in hexadecimal, over what the entry says and the hash of the one before: none can be changed or left out unseen. */
  hash: string
}

/** Where the chain does not hold. */
export interface AuditFault {
  sequence: number
  says: string
}

/** What was done by whom, never changed and never thrown away. */
export interface Audit {
  add(entry: Omit<AuditEntry, 'sequence' | 'hash'>): Promise<AuditEntry>
  /** Newest first, those older than `before`. */
  list(page: { before?: number | undefined; limit: number }): Promise<AuditEntry[]>
  /**
   * Reads the whole chain; undefined where it holds. That its end was cut off cannot be seen here: compare the hash of the
   * newest entry with one that was noted elsewhere.
   */
  verify(): Promise<AuditFault | undefined>
}
