import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../domain/units.ts'
import type { Database } from './database.ts'
import type { Migration } from './migrations/migration.ts'
import type { Schema } from './schema.ts'
import { StoreRefused } from './store-errors.ts'

/** Brings a store to the newest schema, each step in one transaction. Refuses what is not ours, or newer than we are. */
export async function migrate(database: Database, migrations: readonly Migration[], now: () => Instant): Promise<void> {
  let isOurs = false
  for (;;) {
    const isNewest = await database.db.transaction().execute(async (transaction) => {
      await database.lockSchema(transaction)
      // Only once: on PostgreSQL it costs more than all else.
      if (!isOurs) await makeOurs(transaction, database.called)
      const version = await versionOf(transaction)
      if (version > migrations.length) {
        throw new StoreRefused(
          `${database.called} was written by a newer release: its schema is ${version}, this release knows ${migrations.length}`,
          'Use that release, or a backup made before the update.',
        )
      }
      if (version > 0) await database.examine(transaction)
      const next = migrations[version]
      if (next === undefined) return true
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a migration must not lean on the newest schema
      await next(transaction as unknown as Kysely<never>, database.types)
      await transaction
        .insertInto('store_migrations')
        .values({ version: version + 1, applied_at: now() })
        .execute()
      return false
    })
    if (isNewest) return
    isOurs = true
  }
}

/** Makes the table of versions in a store that is empty; refuses one that is somebody else's. */
async function makeOurs(db: Kysely<Schema>, called: string): Promise<void> {
  const tables = await db.introspection.getTables()
  if (tables.some(({ name }) => name === 'store_migrations')) return
  if (tables.length > 0) {
    throw new StoreRefused(
      `${called} holds other tables (${tables[0]?.name}), and none of ours`,
      'Give the controller a database of its own.',
    )
  }
  await sql`create table store_migrations (version integer primary key, applied_at bigint not null)`.execute(db)
}

/** 0 for one that is empty. */
async function versionOf(db: Kysely<Schema>): Promise<number> {
  const { version } = await db
    .selectFrom('store_migrations')
    .select((row) => row.fn.max('version').as('version'))
    .executeTakeFirstOrThrow()
  return version ?? 0
}
