import { sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Whose each token is (of those that are there, nobody has said it: empty), and what one person has asked for that needs a second. */
export const persons: Migration = async (db, { text, integer, strict }) => {
  const statements = [
    sql`alter table tokens add column person ${text} not null default ''`,
    sql`create table first_words (
      run ${text} not null references runs (id), action ${text} not null, choice ${text} not null, person ${text} not null,
      plan_hash ${text} not null, version ${integer} not null, at ${integer} not null, primary key (run, action)
    )${strict}`,
  ]
  for (const statement of statements) await statement.execute(db)
}
