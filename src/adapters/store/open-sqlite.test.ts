import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ControllerStore } from '../../domain/ports/controller-store.ts'
import { StoreUnusable } from '../../domain/ports/run-store.ts'
import { event, run, runId } from '../../../test/builders/run.ts'
import { temporaryFolder } from '../../../test/builders/temporary-folder.ts'
import { createStore, storeBounds } from './create-store.ts'
import { openSqliteStore, sqliteDatabase } from './open-sqlite.ts'
import { type SqliteThread, startSqliteThread } from './sqlite-thread.ts'
import { StatementFailed, StoreRefused } from './store-errors.ts'

async function opened(path: string): Promise<{ store: ControllerStore; thread: SqliteThread }> {
  const thread = startSqliteThread({ path, mark: `${path}-mark` })
  const store = await createStore(sqliteDatabase(thread, 0), storeBounds)
  onTestFinished(async () => store.close().catch(() => undefined))
  return { store, thread }
}

const refusal = async (path: string): Promise<unknown> =>
  openSqliteStore({ path }).then(
    async (store) => store.close(),
    (error: unknown) => error,
  )

test('what it makes is for its owner alone', async () => {
  const path = join(temporaryFolder(), 'controller', 'store.db')
  const store = await openSqliteStore({ path })
  await store.transaction(async (transaction) => transaction.createRun(run(1)))
  const folder = join(path, '..')
  const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777)
  expect(modes.length).toBeGreaterThanOrEqual(3)
  expect(new Set(modes)).toEqual(new Set([0o600]))
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  await store.close()
  chmodSync(path, 0o644)
  await (await openSqliteStore({ path })).close()
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a folder where others may write, and a file that is none, are refused with what to do', async () => {
  const folder = temporaryFolder()
  chmodSync(folder, 0o777)
  expect(await refusal(join(folder, 'store.db'))).toMatchObject({ hint: `Run chmod go-w ${folder}` })
  chmodSync(folder, 0o700)
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'link.db'))
  mkdirSync(join(folder, 'folder.db'))
  for (const name of ['link.db', 'folder.db']) {
    expect(await refusal(join(folder, name))).toBeInstanceOf(StoreRefused)
  }
  writeFileSync(join(folder, 'file'), '')
  expect(await refusal(join(folder, 'file', 'store.db'))).toBeInstanceOf(StoreUnusable)
})

test('whoever has the store has it alone, also against another process', async () => {
  const path = join(temporaryFolder(), 'store.db')
  const { store } = await opened(path)
  const second = await refusal(path)
  expect(second).toBeInstanceOf(StoreRefused)
  expect(second).toMatchObject({ message: `the store ${path} is in use by another process` })
  const writer = join(import.meta.dirname, '../../../test/contracts/store-writer.ts')
  const { status, stderr } = spawnSync(process.execPath, [writer], {
    env: { ...process.env, STORE_PATH: path },
    encoding: 'utf8',
    timeout: 30_000,
  })
  expect({ status, isTold: stderr.includes('in use by another process') }).toEqual({ status: 1, isTold: true })
  await store.transaction(async (transaction) => transaction.createRun(run(1)))
  await store.close()
  expect(await refusal(path)).toBeUndefined()
})

test('a file that is no database, and one that is damaged, are told and left as they are', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'text.db'), 'not a database, but a longer text '.repeat(99), { mode: 0o600 })
  const path = join(folder, 'store.db')
  const { store } = await opened(path)
  for (let number = 0; number < 50; number += 1) {
    await store.transaction(async (transaction) => transaction.createRun(run(number, { reason: 'x'.repeat(2000) })))
  }
  await store.close()
  const file = openSync(path, 'r+')
  for (let page = 2; page < statSync(path).size / 4096; page += 1)
    writeSync(file, Buffer.alloc(4096, 7), 0, 4096, page * 4096)
  closeSync(file)
  for (const name of ['text.db', 'store.db']) {
    const error = await refusal(join(folder, name))
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(error).toMatchObject({ remedy: 'ask', hint: expect.stringContaining('controller backup') as string })
  }
})

test('a full store takes nothing of a transaction, and works again once there is room', async () => {
  const { store, thread } = await opened(join(temporaryFolder(), 'store.db'))
  await store.transaction(async (transaction) => transaction.createRun(run(1)))
  const pages = await thread.do({ kind: 'query', sql: 'pragma page_count', parameters: [] })
  const limit = async (count: number) =>
    thread.do({ kind: 'query', sql: `pragma max_page_count = ${count}`, parameters: [] })
  await limit(Number(pages.rows[0]?.['page_count']) + 2)
  const large = async () =>
    store.transaction(async (transaction) => {
      await transaction.append(run(1, { version: 1, state: 'running' }), [event(1, 'small')])
      await transaction.createRun(run(2, { plan: 'x'.repeat(100_000) }))
    })
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const error = await large().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StoreUnusable)
    expect(error).toMatchObject({ remedy: 'retry', message: expect.stringContaining('no space') as string })
    expect(await store.transaction(async (transaction) => transaction.runs({ limit: 9 }))).toEqual([run(1)])
  }
  await limit(1_000_000)
  await large()
  expect(await store.transaction(async (transaction) => transaction.run(runId(1)))).toMatchObject({ version: 1 })
})

test('an error that is swallowed does not let the rest of its transaction be stored', async () => {
  const { store, thread } = await opened(join(temporaryFolder(), 'store.db'))
  const swallowed = store.transaction(async (transaction) => {
    await transaction.createRun(run(1))
    // What SQLite does by itself after some errors.
    await thread.do({ kind: 'query', sql: 'rollback', parameters: [] })
    await transaction.createRun(run(2)).catch(() => undefined)
  })
  await expect(swallowed).rejects.toThrow(StatementFailed)
  expect(await store.transaction(async (transaction) => transaction.runs({ limit: 9 }))).toEqual([])
})

test('integers of 64 bits are exact', async () => {
  const { thread } = await opened(join(temporaryFolder(), 'store.db'))
  const { rows } = await thread.do({
    kind: 'query',
    sql: 'select ? as large, ? as safe, ? as real, typeof(?) as type',
    parameters: [9_007_199_254_740_993n, 9_007_199_254_740_991, 0.5, 1],
  })
  expect(rows).toEqual([{ large: 9_007_199_254_740_993n, safe: 9_007_199_254_740_991, real: 0.5, type: 'integer' }])
})

test('a store that is closed refuses, and says so', async () => {
  const store = await openSqliteStore({ path: join(temporaryFolder(), 'store.db') })
  const before = store.transaction(async (transaction) => transaction.createRun(run(1)))
  await store.close()
  await before
  await expect(store.transaction(async (transaction) => transaction.run(runId(1)))).rejects.toThrow(/destroyed|ended/)
})
