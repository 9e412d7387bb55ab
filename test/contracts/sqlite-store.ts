import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '../../src/adapters/store/create-store.ts'
import { sqliteDatabase } from '../../src/adapters/store/open-sqlite.ts'
import { type SqliteThread, startSqliteThread } from '../../src/adapters/store/sqlite-thread.ts'
import { benchBounds, type StoreBench } from './store-bench.ts'

/** A store on a file of its own, with its thread at hand. */
export async function sqliteBench(): Promise<StoreBench & { thread: SqliteThread; folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-store-'))
  const path = join(folder, 'store.db')
  const thread = startSqliteThread({ path, mark: `${path}-mark` })
  const store = await createStore(sqliteDatabase(thread, 0), benchBounds)
  return {
    store,
    thread,
    folder,
    query: async (sql) => void (await thread.do({ kind: 'query', sql, parameters: [] })),
    async remove() {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
