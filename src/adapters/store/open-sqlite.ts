import { Kysely } from 'kysely'
import type { ControllerStore } from '../../domain/ports/controller-store.ts'
import { storeBounds, type StoreBounds } from './controller-transaction.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { sqliteTypes } from './migrations/migration.ts'
import { migrations } from './migrations/migrations.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { startSqliteThread } from './sqlite-thread.ts'
import { prepareFile } from './store-file.ts'
import { systemClock } from '../system/clock.ts'
import { transactions } from './transactions.ts'

/** Opens the store of a controller in a file, or makes it. One process alone has it. */
export async function openSqliteStore(options: { path: string; bounds?: StoreBounds }): Promise<ControllerStore> {
  const { path, bounds = storeBounds } = options
  await prepareFile(path)
  const thread = startSqliteThread({ path, mark: `${path}-mark` })
  const db = new Kysely<Schema>({ dialect: sqliteDialect(thread) })
  const database: Database = {
    db,
    types: sqliteTypes,
    called: path,
    isolation: undefined,
    isConflict: () => false,
    explain: (error) => error,
    lockSchema: async () => {},
  }
  try {
    await migrate(database, migrations, () => systemClock.now())
  } catch (error) {
    await thread.close().catch(() => undefined)
    throw error
  }
  const work = transactions(database, bounds)
  return {
    transaction: async (each) => work.run(each),
    onFeed: (listener) => work.onFeed(listener),
    close: async () => work.alone(async () => db.destroy()),
  }
}
