import { Kysely } from 'kysely'
import type { ControllerStore } from '../../domain/ports/controller-store.ts'
import { backupSqlite } from './backup-sqlite.ts'
import { readMark } from './commit-mark.ts'
import type { StoreBounds } from './controller-books.ts'
import { createStore, storeBounds } from './create-store.ts'
import type { Database } from './database.ts'
import { sqliteTypes } from './migrations/migration.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite-dialect.ts'
import { type SqliteThread, startSqliteThread } from './sqlite-thread.ts'
import { prepareFile } from './store-file.ts'
import { filePlace, olderMark } from './store-place.ts'

/** Opens the store of a controller in a file, or makes it. One process alone has it. */
export async function openSqliteStore(options: { path: string; bounds?: StoreBounds }): Promise<ControllerStore> {
  const { path, bounds = storeBounds } = options
  await prepareFile(path)
  const mark = `${path}-mark`
  // Read before the first commit here writes it.
  const commits = readMark(mark)
  return createStore(sqliteDatabase(startSqliteThread({ path, mark }), commits), bounds)
}

/** `commits`: how many there were in this place before, as far as it was noted. */
export function sqliteDatabase(thread: SqliteThread, commits: number): Database {
  const { path } = thread
  return {
    db: new Kysely<Schema>({ dialect: sqliteDialect(thread) }),
    types: sqliteTypes,
    called: path,
    isolation: undefined,
    isConflict: () => false,
    explain: (error) => error,
    async lockSchema() {},
    async examine(db) {
      const stored = await db.selectFrom('store_commits').select('commits').executeTakeFirstOrThrow()
      // Kept in the store itself, since the next commit makes the note beside it as low.
      if (stored.commits < commits) await db.updateTable('identity').set({ file: olderMark }).execute()
    },
    place: async () => filePlace(path),
    backup: async (to) => backupSqlite(thread, to),
  }
}
