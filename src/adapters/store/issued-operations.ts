import type { Kysely } from 'kysely'
import { OperationId } from '../../domain/operation.ts'
import type { IssuedOperations } from '../../domain/ports/issued-operations.ts'
import { Instant } from '../../domain/units.ts'
import type { Schema } from './schema.ts'

export function issuedOperations(db: Kysely<Schema>): IssuedOperations {
  return {
    async add(operation) {
      await db
        .insertInto('operations')
        .values(operation)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute()
    },
    async find(id) {
      const row = await db.selectFrom('operations').selectAll().where('id', '=', id).executeTakeFirst()
      if (row !== undefined) return { ...row, id: OperationId.parse(row.id), at: Instant.parse(row.at) }
      const forgotten = await db.selectFrom('forgotten_operations').select('newest').executeTakeFirst()
      return forgotten !== undefined && id <= forgotten.newest ? 'forgotten' : undefined
    },
    async forget(before) {
      const { newest } = await db
        .selectFrom('operations')
        .select((row) => row.fn.max('id').as('newest'))
        .where('at', '<', before)
        .executeTakeFirstOrThrow()
      if (newest === null) return
      await db.deleteFrom('operations').where('at', '<', before).execute()
      const known = await db.selectFrom('forgotten_operations').select('newest').executeTakeFirst()
      const row = { newest: known === undefined || newest > known.newest ? newest : known.newest }
      await db
        .insertInto('forgotten_operations')
        .values({ id: 1, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute()
    },
  }
}
