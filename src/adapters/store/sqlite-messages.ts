/** What can be bound to a statement, and what comes back. Integers beyond 2^53 are bigint, all others are numbers. */
export type SqliteValue = null | number | bigint | string | Uint8Array

export type SqliteRow = Record<string, SqliteValue>

/** What the thread of a database is asked. Answered in the order of asking. */
export type SqliteOrder =
  | { kind: 'begin' | 'commit' | 'rollback' | 'close' }
  | { kind: 'query'; sql: string; parameters: readonly SqliteValue[] }
  /** Writes the whole database into a file that does not exist yet, and runs `sql` on that. */
  | { kind: 'copy'; to: string; sql: readonly string[] }

export interface SqliteAnswer {
  rows: SqliteRow[]
  changes: number
}

export interface SqliteWorkerData {
  path: string
  /** Where the number of commits is noted beside the database. */
  mark: string
}
