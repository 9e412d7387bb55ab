import type { Role } from '../role.ts'
import type { Instant } from '../units.ts'

/** A token, of which only the SHA-256 is kept, in hexadecimal. */
export interface StoredToken {
  /** What the audit calls it. Never given twice. */
  name: string
  /** Whose it is: a person may have several, and stays one person. Empty where an older release has made it: nobody has said. */
  person: string
  role: Role
  createdAt: Instant
  /** To the minute; null when it was never shown. */
  lastUsedAt: Instant | null
  revokedAt: Instant | null
}

/** Who may ask a controller what. */
export interface Tokens {
  /** Rejects where the name or the hash is there already, also one that was revoked. */
  add(token: Pick<StoredToken, 'name' | 'person' | 'role' | 'createdAt'>, hash: string): Promise<void>
  /** Also one that was revoked. */
  byHash(hash: string): Promise<StoredToken | undefined>
  /** By name. */
  list(): Promise<StoredToken[]>
  /** Undefined where there is none; one that was revoked before stays as it is. */
  revoke(name: string, at: Instant): Promise<StoredToken | undefined>
  /** Writes at most once a minute. */
  used(name: string, at: Instant): Promise<void>
}
