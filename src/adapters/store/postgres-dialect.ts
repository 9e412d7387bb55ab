import { setTimeout as sleep } from 'node:timers/promises'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  PostgresAdapter,
  PostgresDriver,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import type { Pool } from 'pg'
import { StoreUnusable } from '../../domain/ports/run-store.ts'
import { isLost } from './postgres-errors.ts'

/** How long the outcome of a commit is asked for whose answer was lost. */
const askForMs = 30_000
const askEveryMs = 250

/** Kysely's own dialect, with one thing more: it finds out whether a commit counts whose answer was lost. */
export function postgresDialect(pool: Pool): Dialect {
  return {
    createDriver: () => new CertainDriver(pool),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  }
}

class CertainDriver extends PostgresDriver {
  readonly #pool: Pool

  constructor(pool: Pool) {
    super({ pool })
    this.#pool = pool
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const { rows } = await connection.executeQuery<{ id: string | null }>(
      CompiledQuery.raw('select pg_current_xact_id_if_assigned()::text as id'),
    )
    try {
      await super.commitTransaction(connection)
    } catch (error) {
      const id = rows[0]?.id ?? null
      if (id === null || !isLost(error) || !(await wasCommitted(this.#pool, id))) throw error
    }
  }

  override async rollbackTransaction(connection: Parameters<PostgresDriver['rollbackTransaction']>[0]): Promise<void> {
    try {
      await super.rollbackTransaction(connection)
    } catch (error) {
      // With its connection the transaction is gone; what is told is why it was to be rolled back.
      if (!isLost(error)) throw error
    }
  }
}

/** Asks the server, on another connection, until it answers. */
async function wasCommitted(pool: Pool, id: string): Promise<boolean> {
  const deadline = performance.now() + askForMs
  for (;;) {
    try {
      const { rows } = await pool.query<{ status: string | null }>('select pg_xact_status($1::xid8) as status', [id])
      const status = rows[0]?.status
      if (status === 'committed') return true
      if (status === 'aborted') return false
    } catch (error) {
      if (!isLost(error)) throw error
    }
    if (performance.now() > deadline) {
      throw new StoreUnusable(`the connection was lost during a commit, and it is not known whether it counts`, {
        remedy: 'ask',
        hint: 'Look whether the database server runs, and read again what was to be written.',
      })
    }
    await sleep(askEveryMs)
  }
}
