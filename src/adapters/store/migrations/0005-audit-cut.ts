import { sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Where the audit begins, once its beginning was written into a file and cut. */
export const auditCut: Migration = async (db, { text, integer, strict }) => {
  await sql`create table audit_cut (
    id ${integer} primary key check (id = 1), sequence ${integer} not null, hash ${text} not null
  )${strict}`.execute(db)
}
