import { sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Which operations were forgotten: without it, one that a host remembers for longer looks like a sign of an older copy. */
export const forgottenOperations: Migration = async (db, { text, integer, strict }) => {
  const statements = [
    sql`create table forgotten_operations (
      id ${integer} primary key check (id = 1), newest ${text} not null
    )${strict}`,
    // What was forgotten before this release: all of it is older than the oldest that is there.
    sql`insert into forgotten_operations (id, newest) select 1, min(id) from operations having min(id) is not null`,
  ]
  for (const statement of statements) await statement.execute(db)
}
