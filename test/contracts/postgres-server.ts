import { createStore } from '../../src/adapters/store/create-store.ts'
import { openPostgresStore, postgresDatabase } from '../../src/adapters/store/open-postgres.ts'
import type { PostgresServer } from '../../lab/postgres-server.ts'
import type { CrashBench } from './crash.contract.ts'
import { benchBounds, type StoreBench } from './store-bench.ts'

export { findPostgres, type PostgresServer, startPostgres } from '../../lab/postgres-server.ts'

export async function postgresBench(server: PostgresServer): Promise<StoreBench> {
  const url = await server.makeDatabase()
  const store = await openPostgresStore({ url, bounds: benchBounds })
  return {
    store,
    query: async (sql) => server.query(url, sql),
    another: async () => createStore(postgresDatabase(url), benchBounds),
    async remove() {
      await store.close()
      await server.removeDatabase(url)
    },
  }
}

export async function postgresCrashBench(server: PostgresServer): Promise<CrashBench> {
  const url = await server.makeDatabase()
  return {
    env: { STORE_URL: url },
    open: async () => openPostgresStore({ url }),
    remove: async () => server.removeDatabase(url),
  }
}
