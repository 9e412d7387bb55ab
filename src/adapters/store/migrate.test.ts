import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { Instant } from '../../domain/units.ts'
import { operationIdAt } from '../../../test/builders/operation-id.ts'
import { run, runId } from '../../../test/builders/run.ts'
import { temporaryFolder } from '../../../test/builders/temporary-folder.ts'
import { migrate } from './migrate.ts'
import type { Migration } from './migrations/migration.ts'
import { migrations } from './migrations/migrations.ts'
import { openSqliteStore, sqliteDatabase } from './open-sqlite.ts'
import { startSqliteThread } from './sqlite-thread.ts'

const addNote: Migration = async (db) => {
  await sql`alter table runs add column note text not null default 'none'`.execute(db)
}
const failHalfWay: Migration = async (db, types) => {
  await addNote(db, types)
  await sql`insert into no_such_table values (1)`.execute(db)
}

/** Migrates the store at a path as a release with these migrations would. */
async function asRelease(path: string, list: readonly Migration[]): Promise<void> {
  const database = sqliteDatabase(startSqliteThread({ path, mark: `${path}-mark` }), 0)
  try {
    await migrate(database, list, () => Instant.parse(7))
  } finally {
    await database.db.destroy()
  }
}

async function withOneRun(): Promise<string> {
  const path = join(temporaryFolder(), 'store.db')
  const store = await openSqliteStore({ path })
  await store.transaction(async (transaction) => transaction.createRun(run(1)))
  await store.close()
  return path
}

function read(path: string, statement: string): unknown[] {
  using db = new DatabaseSync(path, { readOnly: true })
  return db
    .prepare(statement)
    .all()
    .map((row) => ({ ...row }))
}

test('a store of an older release is brought to the newest schema, with what it holds', async () => {
  const path = await withOneRun()
  await asRelease(path, [...migrations, addNote])
  await asRelease(path, [...migrations, addNote])
  expect(read(path, 'select id, note from runs')).toEqual([{ id: runId(1), note: 'none' }])
  expect(read(path, 'select max(version) as version from store_migrations')).toEqual([
    { version: migrations.length + 1 },
  ])
})

test('a store of a newer release is refused, and left as it is', async () => {
  const path = await withOneRun()
  await asRelease(path, [...migrations, addNote])
  await expect(openSqliteStore({ path })).rejects.toThrow('written by a newer release')
  expect(read(path, 'select note from runs')).toEqual([{ note: 'none' }])
})

test('of a step that fails nothing is left', async () => {
  const path = await withOneRun()
  await expect(asRelease(path, [...migrations, failHalfWay])).rejects.toThrow('refused a statement')
  const store = await openSqliteStore({ path })
  expect(await store.transaction(async (transaction) => transaction.run(runId(1)))).toEqual(run(1))
  await store.close()
  expect(() => read(path, 'select note from runs')).toThrow('no such column')
})

test("somebody else's database is refused, and left as it is", async () => {
  const path = join(temporaryFolder(), 'store.db')
  using other = new DatabaseSync(path)
  other.exec('create table theirs (a)')
  other.close()
  await expect(openSqliteStore({ path })).rejects.toThrow('holds other tables (theirs)')
  expect(read(path, 'select name from sqlite_master')).toEqual([{ name: 'theirs' }])
})

test('of tokens that were made before there were persons, nobody says whose they are', async () => {
  const path = join(temporaryFolder(), 'store.db')
  await asRelease(path, migrations.slice(0, 3))
  {
    using db = new DatabaseSync(path)
    for (const name of ['ann', 'ann-ci'])
      db.prepare("insert into tokens values (?, 'admin', ?, 1, null, null)").run(name, `hash of ${name}`)
  }
  const store = await openSqliteStore({ path })
  expect((await store.tokens.list()).map(({ name, person }) => [name, person])).toEqual([
    ['ann', ''],
    ['ann-ci', ''],
  ])
  await store.close()
})

test('a store of the first release may have forgotten what is older than the oldest operation that it knows', async () => {
  const path = join(temporaryFolder(), 'store.db')
  const [id, older, newer] = [operationIdAt(2000), operationIdAt(1000), operationIdAt(3000)]
  await asRelease(path, migrations.slice(0, 1))
  {
    using db = new DatabaseSync(path)
    db.prepare("insert into operations values (?, '', ?, 2000)").run(id, runId(1))
  }
  const store = await openSqliteStore({ path })
  expect(await store.operations.find(older)).toBe('forgotten')
  expect(await store.operations.find(id)).toMatchObject({ at: 2000 })
  expect(await store.operations.find(newer)).toBeUndefined()
  await store.close()
})
