import { sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Runs and everything else that the first controller keeps. */
export const first: Migration = async (db, { text, integer, real, strict }) => {
  const statements = [
    // Counted on SQLite alone: see commit-mark.ts.
    sql`create table store_commits (commits ${integer} not null)${strict}`,
    sql`insert into store_commits (commits) values (0)`,

    sql`create table runs (
      id ${text} primary key, parent ${text} references runs (id), child ${integer},
      procedure ${text} not null, title ${text} not null, class ${text} not null, state ${text} not null,
      version ${integer} not null, progress ${text} not null, share ${real} not null, reason ${text} not null,
      requested_by ${text} not null, created_at ${integer} not null, updated_at ${integer} not null, ended_at ${integer}
    )${strict}`,
    // A list is always of one state, or of one state and procedure, and then merged: so each has its newest runs at hand.
    sql`create index runs_by_state on runs (state, id)`,
    sql`create index runs_by_procedure on runs (procedure, state, id)`,
    sql`create index runs_on_top on runs (id) where parent is null`,
    sql`create index runs_on_top_by_state on runs (state, id) where parent is null`,
    sql`create index runs_on_top_by_procedure on runs (procedure, state, id) where parent is null`,
    // Not for those without a parent: SQLite would take it for them, and sort.
    sql`create index runs_by_parent on runs (parent, child, id) where parent is not null`,
    // Apart from its run, which is written at each step: a plan of a large fleet is large.
    sql`create table run_plans (
      run ${text} primary key references runs (id), input ${text} not null, plan ${text} not null,
      plan_hash ${text} not null
    )${strict}`,
    sql`create table run_events (
      run ${text} not null references runs (id), sequence ${integer} not null, at ${integer} not null,
      body ${text} not null, primary key (run, sequence)
    )${strict}`,
    sql`create table locks (
      key ${text} not null, run ${text} not null references runs (id), capacity ${integer} not null,
      class ${text} not null, taken_at ${integer} not null, primary key (key, run)
    )${strict}`,
    sql`create index locks_by_run on locks (run)`,
    sql`create table transcript (
      run ${text} not null references runs (id), sequence ${integer} not null, step ${text} not null,
      body ${text} not null, primary key (run, sequence)
    )${strict}`,
    sql`create table transcript_sizes (
      run ${text} primary key references runs (id), entries ${integer} not null, bytes ${integer} not null
    )${strict}`,

    sql`create table feed (
      sequence ${integer} primary key, at ${integer} not null, kind ${text} not null, run ${text}, body ${text} not null
    )${strict}`,
    sql`create table identity (
      id ${integer} primary key check (id = 1), controller ${text} not null, epoch ${integer} not null,
      machine ${text} not null, file ${text} not null, claimed_at ${integer} not null
    )${strict}`,
    sql`create table tokens (
      name ${text} primary key, role ${text} not null, hash ${text} not null unique, created_at ${integer} not null,
      last_used_at ${integer}, revoked_at ${integer}
    )${strict}`,
    sql`create table mute_book (id ${integer} primary key check (id = 1), body ${text} not null)${strict}`,
    sql`create table looks (sequence ${integer} primary key, body ${text} not null)${strict}`,
    sql`create table freezes (
      id ${integer} primary key check (id = 1), by_whom ${text} not null, reason ${text} not null,
      since ${integer} not null, until ${integer}
    )${strict}`,
    sql`create table audit (
      sequence ${integer} primary key, at ${integer} not null, who ${text} not null, what ${text} not null,
      subject ${text} not null, outcome ${text} not null, hash ${text} not null
    )${strict}`,
    sql`create table operations (
      id ${text} primary key, host ${text} not null, run ${text} not null, at ${integer} not null
    )${strict}`,
    sql`create index operations_by_time on operations (at)`,
  ]
  for (const statement of statements) await statement.execute(db)
}
