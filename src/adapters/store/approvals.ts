import type { Kysely } from 'kysely'
import type { Approvals } from '../../domain/ports/approvals.ts'
import { Instant } from '../../domain/units.ts'
import type { Schema } from './schema.ts'

export function approvals(db: Kysely<Schema>): Approvals {
  return {
    async add({ run, planHash, by, at, expiresAt }) {
      const word = { plan_hash: planHash, at, expires_at: expiresAt }
      await db
        .insertInto('approvals')
        .values({ run, by_whom: by, ...word })
        .onConflict((conflict) => conflict.columns(['run', 'by_whom']).doUpdateSet(word))
        .execute()
    },
    async of(run) {
      const rows = await db
        .selectFrom('approvals')
        .selectAll()
        .where('run', '=', run)
        .orderBy('at')
        .orderBy('by_whom')
        .execute()
      return rows.map((row) => ({
        run,
        planHash: row.plan_hash,
        by: row.by_whom,
        at: Instant.parse(row.at),
        expiresAt: Instant.parse(row.expires_at),
      }))
    },
  }
}
