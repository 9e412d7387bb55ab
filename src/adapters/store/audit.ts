import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Audit, AuditEntry } from '../../domain/ports/audit.ts'
import { Instant } from '../../domain/units.ts'
import { plainText } from './run-rows.ts'
import type { Schema } from './schema.ts'

/** What the first entry has as the hash before it. */
const origin = '0'.repeat(64)

/** Read at once. */
const pageSize = 1000

export function audit(db: Kysely<Schema>): Audit {
  return {
    async add(entry) {
      const last = await db
        .selectFrom('audit')
        .select(['sequence', 'hash'])
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst()
      const { at, who, what, subject, outcome } = entry
      const said = {
        sequence: (last?.sequence ?? 0) + 1,
        at,
        who: plainText(who),
        what: plainText(what),
        subject: plainText(subject),
        outcome: plainText(outcome),
      }
      const whole = { ...said, hash: hashOf(said, last?.hash ?? origin) }
      await db.insertInto('audit').values(whole).execute()
      return whole
    },
    async list({ before, limit }) {
      let query = db.selectFrom('audit').selectAll().orderBy('sequence', 'desc').limit(limit)
      if (before !== undefined) query = query.where('sequence', '<', before)
      return (await query.execute()).map(readEntry)
    },
    async verify() {
      let sequence = 0
      let previous = origin
      for (;;) {
        const rows = await db
          .selectFrom('audit')
          .selectAll()
          .where('sequence', '>', sequence)
          .orderBy('sequence')
          .limit(pageSize)
          .execute()
        for (const entry of rows.map(readEntry)) {
          sequence += 1
          if (entry.sequence !== sequence) return { sequence, says: `entry ${sequence} is missing` }
          if (hashOf(entry, previous) !== entry.hash) {
            return { sequence, says: `entry ${sequence} is not what was written, or not after the one before it` }
          }
          previous = entry.hash
        }
        if (rows.length < pageSize) return undefined
      }
    },
  }
}

/** Over a form that cannot be read in two ways. */
function hashOf({ sequence, at, who, what, subject, outcome }: Omit<AuditEntry, 'hash'>, previous: string): string {
  return createHash('sha256')
    .update(JSON.stringify([sequence, at, who, what, subject, outcome, previous]))
    .digest('hex')
}

const readEntry = (row: Schema['audit']): AuditEntry => ({ ...row, at: Instant.parse(row.at) })
