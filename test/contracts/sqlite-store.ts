import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore } from '../../src/adapters/store/create-store.ts'
import { openSqliteStore, sqliteDatabase } from '../../src/adapters/store/open-sqlite.ts'
import { type SqliteThread, startSqliteThread } from '../../src/adapters/store/sqlite-thread.ts'
import type { CrashBench } from './crash.contract.ts'
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

export async function sqliteCrashBench(): Promise<CrashBench> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-store-'))
  const path = join(folder, 'store.db')
  return {
    env: { STORE_PATH: path },
    open: async () => openSqliteStore({ path }),
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  }
}
