import { z } from 'zod'
import { Instant } from './units.ts'

/** Who changed what, and how it went. */
export const AuditEntry = z.object({
  /** From 1, without gaps. */
  sequence: z.int(),
  at: Instant,
  who: z.string(),
  what: z.string(),
  subject: z.string(),
  outcome: z.string(),
  /** SHA-256, in hexadecimal, over what the entry says and the hash of the one before: none can be changed or left out unseen. */
  hash: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>
