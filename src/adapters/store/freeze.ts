import type { Kysely } from 'kysely'
import type { Freezes } from '../../domain/ports/freeze.ts'
import { Instant } from '../../domain/units.ts'
import { plainText } from './run-rows.ts'
import type { Schema } from './schema.ts'

export function freezes(db: Kysely<Schema>): Freezes {
  return {
    async read() {
      const row = await db.selectFrom('freezes').selectAll().executeTakeFirst()
      if (row === undefined) return undefined
      const { by_whom: by, reason, since, until } = row
      return { by, reason, at: Instant.parse(since), until: Instant.nullable().parse(until) }
    },
    async set(freeze) {
      await db.deleteFrom('freezes').execute()
      if (freeze === undefined) return
      const { by, reason, at, until } = freeze
      await db
        .insertInto('freezes')
        .values({ id: 1, by_whom: plainText(by), reason: plainText(reason), since: at, until })
        .execute()
    },
  }
}
