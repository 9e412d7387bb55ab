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
      return row === undefined ? undefined : { ...row, id: OperationId.parse(row.id), at: Instant.parse(row.at) }
    },
    async forget(before) {
      await db.deleteFrom('operations').where('at', '<', before).execute()
    },
  }
}
