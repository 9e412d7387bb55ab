import { sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Which process leads, where several could reach the store: read in each transaction, written by whoever takes the lead. */
export const leader: Migration = async (db, { text, integer, strict }) => {
  await sql`create table leader (id ${integer} primary key check (id = 1), process ${text} not null)${strict}`.execute(
    db,
  )
}
