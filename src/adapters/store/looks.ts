import type { Kysely } from 'kysely'
import { emptyLookBook, Look, type LookBook, withLook } from '../../domain/health/looks.ts'
import type { Looks } from '../../domain/ports/looks.ts'
import { readJson } from './run-rows.ts'
import type { Schema } from './schema.ts'

/** The last looks, a row each: with one more look, only the last row changes, or one is added. */
export function looks(db: Kysely<Schema>): Looks {
  const read = async (): Promise<Map<Look, number>> => {
    const rows = await db.selectFrom('looks').selectAll().orderBy('sequence').execute()
    return new Map(rows.map(({ sequence, body }) => [Look.parse(readJson(body)), sequence]))
  }
  return {
    read: async () => bookOf(await read()),
    async remember(health) {
      const kept = await read()
      const before = bookOf(kept)
      const after = withLook(before, health)
      // A look that was not changed is the very same object.
      const gone = new Set(before.looks).difference(new Set(after.looks))
      let sequence = Math.max(0, ...kept.values())
      for (const look of gone) {
        await db
          .deleteFrom('looks')
          .where('sequence', '=', kept.get(look) ?? 0)
          .execute()
      }
      for (const look of after.looks.filter((each) => !kept.has(each))) {
        sequence += 1
        await db
          .insertInto('looks')
          .values({ sequence, body: JSON.stringify(look) })
          .execute()
      }
      return before
    },
  }
}

const bookOf = (kept: Map<Look, number>): LookBook => ({ ...emptyLookBook, looks: [...kept.keys()] })
