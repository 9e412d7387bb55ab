import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Audit, AuditEntry } from '../../domain/ports/audit.ts'
import { OpsError } from '../../domain/errors.ts'
import { Instant } from '../../domain/units.ts'
import { plainText } from './run-rows.ts'
import type { Schema } from './schema.ts'

/** Somebody has changed the audit, so that it cannot even be read. */
class AuditSpoiled extends OpsError {
  readonly remedy = 'ask'
  readonly hint = 'tiercel audit --verify names the first entry that is wrong; find out who can write to the store.'
}

/** What the first entry has as the hash before it. */
const origin = '0'.repeat(64)

/** Read at once: some 25 ms, in which everybody else waits. */
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
    async verifyPage(after) {
      let query = db.selectFrom('audit').selectAll().orderBy('sequence').limit(pageSize)
      // From the very first row on: what somebody has put before entry 1 is not to be passed by.
      if (after !== null) query = query.where('sequence', '>', after.sequence)
      const rows = await query.execute()
      let last = after
      for (const row of rows) {
        const sequence = (last?.sequence ?? 0) + 1
        const fault = (says: string) => ({ last, fault: { sequence, says: `entry ${sequence} ${says}` }, isEnd: false })
        if (row.sequence < sequence) return fault('has another one before it that nobody wrote')
        if (row.sequence !== sequence) return fault('is missing')
        // Numbers that are none of ours come as they are: nothing is read of them but that they are wrong.
        if (hashOf(row, last?.hash ?? origin) !== row.hash)
          return fault('is not what was written, or not after the one before it')
        last = { sequence, hash: row.hash }
      }
      return { last, fault: null, isEnd: rows.length < pageSize }
    },
  }
}

/** Over a form that cannot be read in two ways. */
function hashOf(
  { sequence, at, who, what, subject, outcome }: Omit<Schema['audit'], 'hash'>,
  previous: string,
): string {
  const said = [sequence, at, who, what, subject, outcome, previous]
  return createHash('sha256')
    .update(JSON.stringify(said, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)))
    .digest('hex')
}

function readEntry(row: Schema['audit']): AuditEntry {
  const at = Instant.safeParse(row.at)
  if (!at.success || !Number.isSafeInteger(row.sequence))
    throw new AuditSpoiled(`entry ${row.sequence} of the audit is not what was written`)
  return { ...row, at: at.data }
}
