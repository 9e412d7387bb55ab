import { Kysely, sql } from 'kysely'
import { Pool, types } from 'pg'
import type { ControllerStore } from '../../domain/ports/controller-store.ts'
import type { StoreBounds } from './controller-books.ts'
import { createStore, storeBounds } from './create-store.ts'
import type { Database } from './database.ts'
import { postgresTypes } from './migrations/migration.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { explainPostgres, isConflict } from './postgres-errors.ts'
import { takeLead } from './postgres-leader.ts'
import { silentAfterMs, socketWithin } from './postgres-socket.ts'
import { readAddress } from './postgres-url.ts'
import type { Schema } from './schema.ts'
import { StoreRefused } from './store-errors.ts'

/** One for the transaction, and one that asks how a lost one has ended. */
export const mostConnections = 2

/** Any number, the same for all controllers: whoever changes the schema holds this advisory lock. */
const schemaLock = 7_432_019

/** Opens the store of a controller in a database, or makes its tables there. `url` may hold a secret: no error shows it. `waitMs`: how
 * long to wait for a controller that is about to end. */
export async function openPostgresStore(options: {
  url: string
  bounds?: StoreBounds
  waitMs?: number
}): Promise<ControllerStore> {
  const { url, bounds = storeBounds } = options
  const address = readAddress(url)
  const lead = await takeLead(url, address.called, options.waitMs).catch((error: unknown) => {
    throw explainPostgres(error, address)
  })
  return createStore({ ...postgresDatabase(url), lead }, bounds)
}

/** `silentMs`: after so long without a word of the server, a connection is given up. */
export function postgresDatabase(url: string, silentMs = silentAfterMs): Database {
  const address = readAddress(url)
  const { called } = address
  const pool = new Pool({
    connectionString: url,
    max: mostConnections,
    ...socketWithin(silentMs),
    application_name: 'tiercel controller',
    // Whatever the server's default: a commit is answered once it is on disk. Not by Kysely's hook for this: where that
    // fails, the connection is never given back.
    // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it; its types do not say so
    onConnect: async (client) => client.query('set synchronous_commit = on'),
    // `pg` gives a 64-bit integer as text.
    types: {
      getTypeParser: (oid, format) => (oid === types.builtins.INT8 ? exactInteger : types.getTypeParser(oid, format)),
    },
  })
  // A connection that is lost is told to whoever asks it, and replaced. Without these listeners it would end the process:
  // the pool's for one that is idle, its own for one that is in use.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return {
    db: new Kysely<Schema>({ dialect: postgresDialect(pool) }),
    types: postgresTypes,
    called,
    isolation: 'serializable',
    isConflict,
    explain: (error) => explainPostgres(error, address),
    async lockSchema(db) {
      await sql`select pg_advisory_xact_lock(${schemaLock})`.execute(db)
      const { rows } = await sql<{ fsync: string }>`show fsync`.execute(db)
      if (rows[0]?.fsync !== 'on') {
        throw new StoreRefused(
          `${called} does not write through to its disk (fsync = off)`,
          'Set fsync = on in postgresql.conf.',
        )
      }
    },
    async examine() {},
    async place(db) {
      const { rows } = await sql<{ server: string; database: string }>`
        select system_identifier::text as server, (select oid::text from pg_database where datname = current_database()) as database
        from pg_control_system()
      `.execute(db)
      return { machine: `server ${rows[0]?.server}`, file: `database ${rows[0]?.database}` }
    },
    async backup() {
      throw new StoreRefused(`${called} is copied by its own means`, 'Use pg_dump or pg_basebackup.')
    },
  }
}

/** A number where that is exact, a bigint otherwise: as SQLite's thread gives them. */
function exactInteger(text: string): number | bigint {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}
