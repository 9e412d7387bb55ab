import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../src/adapters/store/open-sqlite.ts'
import type { StoreBench } from './run-store.contract.ts'

export async function sqliteBench(): Promise<StoreBench> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-store-'))
  const store = await openSqliteStore({ path: join(folder, 'store.db') })
  return {
    store,
    async remove() {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
