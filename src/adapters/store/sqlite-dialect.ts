import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { SqliteValue } from './sqlite-messages.ts'
import type { SqliteThread } from './sqlite-thread.ts'

/** Kysely over a database in another thread. There is one connection: whoever asks keeps to one transaction at a time. */
export function sqliteDialect(thread: SqliteThread): Dialect {
  return {
    createDriver: () => threadDriver(thread),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

function threadDriver(thread: SqliteThread): Driver {
  const connection = threadConnection(thread)
  return {
    async init() {},
    acquireConnection: async () => connection,
    async beginTransaction() {
      await thread.do({ kind: 'begin' })
    },
    async commitTransaction() {
      await thread.do({ kind: 'commit' })
    },
    async rollbackTransaction() {
      await thread.do({ kind: 'rollback' })
    },
    async releaseConnection() {},
    destroy: async () => thread.close(),
  }
}

function threadConnection(thread: SqliteThread): DatabaseConnection {
  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema has columns of these types alone
      const values = parameters as readonly SqliteValue[]
      const { rows, changes } = await thread.do({ kind: 'query', sql, parameters: values })
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Kysely's own contract: R is what the query selects
      return { rows: rows as R[], numAffectedRows: BigInt(changes) }
    },
    // oxlint-disable-next-line require-yield
    async *streamQuery() {
      throw new Error('the store is read in pages')
    },
  }
}
