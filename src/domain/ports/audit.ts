import type { AuditEntry } from '../audit-entry.ts'

/** Where the chain does not hold. */
export interface AuditFault {
  sequence: number
  says: string
}

/** One place in the chain. */
export interface AuditLink {
  sequence: number
  hash: string
}

/** Some of the chain, held up against itself. */
export interface AuditPage {
  /** The last entry that is as it was written; null before the first one. */
  last: AuditLink | null
  fault: AuditFault | null
  /** Nothing is left to be read. */
  isEnd: boolean
}

/** What was done by whom, never changed. Its beginning can be cut, once it was written elsewhere: the chain goes on from there. */
export interface Audit {
  add(entry: Omit<AuditEntry, 'sequence' | 'hash'>): Promise<AuditEntry>
  /** Newest first, those older than `before`. */
  list(page: { before?: number | undefined; limit: number }): Promise<AuditEntry[]>
  /** Oldest first, those after a sequence. */
  after(sequence: number, limit: number): Promise<AuditEntry[]>
  /** What the oldest entry hangs on: the last one that was cut; sequence 0 where none was. */
  origin(): Promise<AuditLink>
  /** Cuts what stands up to this entry, with it. Rejects where no entry is just that. */
  cut(last: AuditLink): Promise<void>
  /** Holds up against the chain what follows after a place, a page of it: whoever wants to write waits no longer than that. */
  verifyPage(after: AuditLink | null): Promise<AuditPage>
}
