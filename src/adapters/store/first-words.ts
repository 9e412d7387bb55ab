import type { Kysely } from 'kysely'
import { z } from 'zod'
import { GuardedAction } from '../../domain/procedure-settings.ts'
import type { FirstWords } from '../../domain/ports/first-words.ts'
import { Instant } from '../../domain/units.ts'
import type { Schema } from './schema.ts'

const Row = z.object({
  run: z.string(),
  action: GuardedAction.exclude(['start']),
  choice: z.string(),
  person: z.string(),
  plan_hash: z.string(),
  version: z.int(),
  at: Instant,
})

export function firstWords(db: Kysely<Schema>): FirstWords {
  return {
    async of(run) {
      const rows = await db.selectFrom('first_words').selectAll().where('run', '=', run).orderBy('action').execute()
      return rows.map((row) => {
        const { plan_hash: planHash, ...word } = Row.parse(row)
        return { ...word, planHash }
      })
    },
    async put({ planHash, ...word }) {
      const row = { ...word, plan_hash: planHash }
      await db
        .insertInto('first_words')
        .values(row)
        .onConflict((conflict) => conflict.columns(['run', 'action']).doUpdateSet(row))
        .execute()
    },
    async remove(run, action) {
      await db.deleteFrom('first_words').where('run', '=', run).where('action', '=', action).execute()
    },
  }
}
