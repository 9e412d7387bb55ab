import { z } from 'zod'
import { AuditEntry } from './audit-entry.ts'

/** One entry of the audit, as it stands in an export: a line of JSON each. */
export const ExportedEntry = z.strictObject({ ...AuditEntry.shape, sequence: z.int().positive() })
export type ExportedEntry = z.infer<typeof ExportedEntry>

/** The first line: what the entries hang on. Of the very first entry, the hash before is 64 zeroes. */
export const ExportHead = z.strictObject({ tiercelAudit: z.literal(1), after: z.int(), hash: z.string() })

/** The whole text of an export, which `audit verify-export` reads. */
export function exportText(after: { sequence: number; hash: string }, entries: readonly ExportedEntry[]): string {
  const head = { tiercelAudit: 1, after: after.sequence, hash: after.hash }
  return [head, ...entries].map((line) => `${JSON.stringify(line)}\n`).join('')
}
