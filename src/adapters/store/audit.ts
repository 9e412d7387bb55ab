import type { Kysely } from 'kysely'
import type { AuditEntry } from '../../domain/audit-entry.ts'
import type { Audit, AuditLink } from '../../domain/ports/audit.ts'
import { OpsError } from '../../domain/errors.ts'
import { Instant } from '../../domain/units.ts'
import { auditHash, auditOrigin } from './audit-hash.ts'
import { plainText } from './run-rows.ts'
import type { Schema } from './schema.ts'

/** Somebody has changed the audit, so that it cannot even be read. */
class AuditSpoiled extends OpsError {
  readonly remedy = 'ask'
  readonly hint = 'tiercel audit --verify names the first entry that is wrong; find out who can write to the store.'
}

/** Read at once: some 25 ms, in which everybody else waits. */
const pageSize = 1000

export function audit(db: Kysely<Schema>): Audit {
  const origin = async (): Promise<AuditLink> => {
    const cut = await db.selectFrom('audit_cut').select(['sequence', 'hash']).executeTakeFirst()
    return cut ?? { sequence: 0, hash: auditOrigin }
  }
  return {
    origin,
    async add(entry) {
      const last = await db
        .selectFrom('audit')
        .select(['sequence', 'hash'])
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst()
      const before = last ?? (await origin())
      const { at, who, what, subject, outcome } = entry
      const said = {
        sequence: before.sequence + 1,
        at,
        who: plainText(who),
        what: plainText(what),
        subject: plainText(subject),
        outcome: plainText(outcome),
      }
      const whole = { ...said, hash: auditHash(said, before.hash) }
      await db.insertInto('audit').values(whole).execute()
      return whole
    },
    async list({ before, limit }) {
      let query = db.selectFrom('audit').selectAll().orderBy('sequence', 'desc').limit(limit)
      if (before !== undefined) query = query.where('sequence', '<', before)
      return (await query.execute()).map(readEntry)
    },
    async after(sequence, limit) {
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(readEntry)
    },
    async cut({ sequence, hash }) {
      const last = await db
        .selectFrom('audit')
        .select('sequence')
        .where('sequence', '=', sequence)
        .where('hash', '=', hash)
        .executeTakeFirst()
      if (last === undefined)
        throw new AuditSpoiled(`entry ${sequence} of the audit is not the one that was written elsewhere`)
      await db.deleteFrom('audit').where('sequence', '<=', sequence).execute()
      await db
        .insertInto('audit_cut')
        .values({ id: 1, sequence, hash })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ sequence, hash }))
        .execute()
    },
    async verifyPage(after) {
      const cut = await origin()
      // It may have been cut since the page before.
      const start = after === null || after.sequence < cut.sequence ? cut : after
      let query = db.selectFrom('audit').selectAll().orderBy('sequence').limit(pageSize)
      // From the very first row on: what somebody has put before entry 1 is not to be passed by.
      if (after !== null) query = query.where('sequence', '>', start.sequence)
      const rows = await query.execute()
      let last: AuditLink = start
      for (const row of rows) {
        const sequence = last.sequence + 1
        const fault = (says: string) => ({
          last: written(last),
          fault: { sequence, says: `entry ${sequence} ${says}` },
          isEnd: false,
        })
        if (row.sequence < sequence) return fault('has another one before it that nobody wrote')
        if (row.sequence !== sequence) return fault('is missing')
        // Numbers that are none of ours come as they are: nothing is read of them but that they are wrong.
        if (auditHash(row, last.hash) !== row.hash)
          return fault('is not what was written, or not after the one before it')
        last = { sequence, hash: row.hash }
      }
      return { last: written(last), fault: null, isEnd: rows.length < pageSize }
    },
  }
}

/** Before the very first entry there is none. */
const written = (link: AuditLink): AuditLink | null => (link.sequence === 0 ? null : link)

function readEntry(row: Schema['audit']): AuditEntry {
  const at = Instant.safeParse(row.at)
  if (!at.success || !Number.isSafeInteger(row.sequence))
    throw new AuditSpoiled(`entry ${row.sequence} of the audit is not what was written`)
  return { ...row, at: at.data }
}
