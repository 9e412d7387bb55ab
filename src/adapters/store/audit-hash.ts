import { createHash } from 'node:crypto'
import type { Schema } from './schema.ts'

/** What the very first entry has as the hash before it. */
export const auditOrigin = '0'.repeat(64)

/** Of one entry, with the hash of the one before it: over a form that cannot be read in two ways. */
export function auditHash(
  { sequence, at, who, what, subject, outcome }: Omit<Schema['audit'], 'hash'>,
  previous: string,
): string {
  const said = [sequence, at, who, what, subject, outcome, previous]
  return createHash('sha256')
    .update(JSON.stringify(said, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)))
    .digest('hex')
}
