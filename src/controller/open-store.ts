import { openPostgresStore } from '../adapters/store/open-postgres.ts'
import { openSqliteStore } from '../adapters/store/open-sqlite.ts'
import { readSecret } from '../adapters/system/secrets.ts'
import type { StoreConfig } from '../domain/controller-config.ts'
import type { ControllerStore } from '../domain/ports/controller-store.ts'

/** The store that the file of the controller names. One process alone has it. */
export async function openStore(config: StoreConfig): Promise<ControllerStore> {
  if ('sqlite' in config) return openSqliteStore({ path: config.sqlite })
  return openPostgresStore({ url: await readSecret(config.postgres) })
}
