import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { SqliteAnswer, SqliteOrder, SqliteRow, SqliteValue } from './sqlite-messages.ts'

/** Statements that are kept compiled. Lists with `in (…)` make new ones without end. */
const mostStatements = 200

/** How long another process may take to let go of the file, when it is about to end. */
const busyTimeoutMs = 2000

/** One SQLite file, as its thread has it. */
export interface SqliteDatabase {
  do(order: SqliteOrder): SqliteAnswer
}

/** `committed` is told after each commit that has changed something. */
export function openDatabase(path: string, committed: (commits: number) => void): SqliteDatabase {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true, readBigInts: true })
  try {
    // Set before the first access: then the file stays locked as long as we have it, and a second process is refused.
    db.exec('pragma locking_mode = exclusive')
    db.exec('pragma journal_mode = wal')
    db.exec('pragma synchronous = full')
    // What was in a page that is free now is not kept: tokens, output of programs.
    db.exec('pragma secure_delete = fast')
  } catch (error) {
    db.close()
    throw error
  }
  const statements = new Map<string, StatementSync>()
  /** What was changed before this transaction; undefined outside of one. */
  let changedBefore: bigint | undefined

  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql) ?? db.prepare(sql)
    statements.delete(sql)
    statements.set(sql, known)
    const [oldest] = statements.keys()
    if (statements.size > mostStatements && oldest !== undefined) statements.delete(oldest)
    return known
  }
  const query = (sql: string, parameters: readonly SqliteValue[]): SqliteAnswer => {
    const statement = prepare(sql)
    const bound = parameters.map(exactly)
    if (statement.columns().length > 0) {
      const rows = statement.all(...bound).map(plainRow)
      return { rows, changes: rows.length }
    }
    return { rows: [], changes: Number(statement.run(...bound).changes) }
  }
  const totalChanges = (): bigint =>
    BigInt(Number(query('select total_changes() as count', []).rows[0]?.['count'] ?? 0))
  const commit = (): void => {
    const count =
      totalChanges() === changedBefore
        ? undefined
        : query('update store_commits set commits = commits + 1 returning commits', []).rows[0]?.['commits']
    query('commit', [])
    changedBefore = undefined
    if (typeof count === 'number') committed(count)
  }

  const carryOut = (order: SqliteOrder): SqliteAnswer | undefined => {
    switch (order.kind) {
      case 'begin':
        query('begin immediate', [])
        changedBefore = totalChanges()
        return undefined
      case 'commit':
        requireTransaction(db)
        commit()
        return undefined
      case 'rollback':
        changedBefore = undefined
        // SQLite itself rolls back after some errors, such as a full disk.
        if (db.isTransaction) query('rollback', [])
        return undefined
      case 'query':
        // After such an error, what follows would be committed alone.
        if (changedBefore !== undefined) requireTransaction(db)
        return query(order.sql, order.parameters)
      case 'copy':
        query('vacuum into ?', [order.to])
        changeCopy(order.to, order.sql)
        return undefined
      case 'close':
        statements.clear()
        db.close()
        return undefined
    }
    return order satisfies never
  }

  return { do: (order) => carryOut(order) ?? { rows: [], changes: 0 } }
}

function changeCopy(path: string, statements: readonly string[]): void {
  const copy = new DatabaseSync(path)
  try {
    for (const sql of statements) copy.exec(sql)
  } finally {
    copy.close()
  }
}

function requireTransaction(db: DatabaseSync): void {
  if (!db.isTransaction) throw new Error('SQLite has ended the transaction after an error within it')
}

/** `node:sqlite` binds every number as a floating one; a bigint is bound as it is. */
const exactly = (value: SqliteValue): SqliteValue =>
  typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value

function plainRow(row: Record<string, SqliteValue>): SqliteRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, numberWherePossible(value)]))
}

const numberWherePossible = (value: SqliteValue): SqliteValue =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value
