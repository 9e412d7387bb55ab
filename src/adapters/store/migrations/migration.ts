import { type Kysely, type RawBuilder, sql } from 'kysely'

/** One step from a version of the schema to the next. What is released is never changed again. */
export type Migration = (db: Kysely<never>, types: ColumnTypes) => Promise<void>

/** How columns are written on each database. */
export interface ColumnTypes {
  /** Compared by bytes, whatever the language of the database. */
  text: RawBuilder<unknown>
  /** 64 bits. */
  integer: RawBuilder<unknown>
  real: RawBuilder<unknown>
  /** After a table's columns: SQLite takes no value of another type then. */
  strict: RawBuilder<unknown>
}

export const sqliteTypes: ColumnTypes = {
  text: sql.raw('text'),
  integer: sql.raw('integer'),
  real: sql.raw('real'),
  strict: sql.raw(' strict'),
}

export const postgresTypes: ColumnTypes = {
  text: sql.raw('text collate "C"'),
  integer: sql.raw('bigint'),
  real: sql.raw('double precision'),
  strict: sql.raw(''),
}
