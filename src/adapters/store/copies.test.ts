import { copyFileSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Instant } from '../../domain/units.ts'
import type { ControllerStore } from '../../domain/ports/controller-store.ts'
import { run, runId } from '../../../test/builders/run.ts'
import { temporaryFolder } from '../../../test/builders/temporary-folder.ts'
import { openSqliteStore } from './open-sqlite.ts'
import { StoreRefused } from './store-errors.ts'
import { signsOfCopy } from './store-place.ts'

const at = Instant.parse(1)

async function within<T>(path: string, work: (store: ControllerStore) => Promise<T>): Promise<T> {
  const store = await openSqliteStore({ path })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const signs = async (path: string): Promise<string | undefined> => within(path, async (store) => store.copyBecause())

/** A store that was claimed and has one run. */
async function claimed(path: string): Promise<void> {
  await within(path, async (store) => {
    await store.identity.claim({ controller: 'main', epoch: 1 }, at)
    await store.transaction(async (transaction) => transaction.createRun(run(1)))
  })
}

test('a store that is opened again, and again, is no copy', async () => {
  const path = join(temporaryFolder(), 'store.db')
  expect(await signs(path)).toBeUndefined()
  await claimed(path)
  for (let count = 0; count < 3; count += 1) expect(await signs(path)).toBeUndefined()
})

test('a file that was copied is one, until it is claimed; the original stays what it is', async () => {
  const folder = temporaryFolder()
  const [path, copy] = [join(folder, 'store.db'), join(folder, 'copy.db')]
  await claimed(path)
  copyFileSync(path, copy)
  expect(await signs(copy)).toContain('another one')
  expect(await signs(copy)).toContain('another one')
  await within(copy, async (store) => {
    await store.identity.claim({ controller: 'main', epoch: 2 }, at)
    expect(store.copyBecause()).toBeUndefined()
  })
  expect(await signs(copy)).toBeUndefined()
  expect(await signs(path)).toBeUndefined()
})

test('a claim that is not stored changes nothing', async () => {
  const folder = temporaryFolder()
  await claimed(join(folder, 'store.db'))
  copyFileSync(join(folder, 'store.db'), join(folder, 'copy.db'))
  await within(join(folder, 'copy.db'), async (store) => {
    await expect(
      store.transaction(async ({ identity }) => {
        await identity.claim({ controller: 'main', epoch: 2 }, at)
        throw new RangeError('no')
      }),
    ).rejects.toThrow('no')
    expect(store.copyBecause()).toContain('another one')
  })
})

test("yesterday's file, written over today's, is an older state, also when it is opened again", async () => {
  const folder = temporaryFolder()
  const [path, yesterday] = [join(folder, 'store.db'), join(folder, 'yesterday.db')]
  await claimed(path)
  copyFileSync(path, yesterday)
  await within(path, async (store) => store.transaction(async (transaction) => transaction.createRun(run(2))))
  const { ino } = statSync(path)
  copyFileSync(yesterday, path)
  // The very case that the file's inode cannot tell.
  expect(statSync(path).ino).toBe(ino)
  expect(await signs(path)).toContain('older state')
  await within(path, async (store) => store.audit.add({ at, who: 'x', what: 'x', subject: 'x', outcome: 'x' }))
  expect(await signs(path)).toContain('older state')
  await within(path, async (store) => store.identity.claim({ controller: 'main', epoch: 2 }, at))
  expect(await signs(path)).toBeUndefined()
})

test('without the note beside it, that is not seen (the control)', async () => {
  const folder = temporaryFolder()
  const [path, yesterday] = [join(folder, 'store.db'), join(folder, 'yesterday.db')]
  await claimed(path)
  copyFileSync(path, yesterday)
  await within(path, async (store) => store.transaction(async (transaction) => transaction.createRun(run(2))))
  copyFileSync(yesterday, path)
  rmSync(`${path}-mark`)
  expect(await signs(path)).toBeUndefined()
})

test('a backup holds everything, is for its owner alone, and known as one wherever it is put', async () => {
  const folder = temporaryFolder()
  const [path, backup] = [join(folder, 'store.db'), join(folder, 'backup.db')]
  await claimed(path)
  await within(path, async (store) => {
    const writes = [2, 3].map(async (number) =>
      store.transaction(async (transaction) => transaction.createRun(run(number))),
    )
    await store.backup(backup)
    await Promise.all(writes)
    expect(store.copyBecause()).toBeUndefined()
    await store.transaction(async (transaction) => transaction.createRun(run(4)))
  })
  expect(statSync(backup).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder).toSorted()).toEqual(['backup.db', 'store.db', 'store.db-mark'])
  expect(await signs(path)).toBeUndefined()
  // Put back over the store itself, with nothing left beside it that could tell.
  copyFileSync(backup, path)
  rmSync(`${path}-mark`)
  expect(await signs(path)).toContain('backup')
  const ids = await within(path, async (store) =>
    store.transaction(async (transaction) => transaction.runs({ limit: 9 })),
  )
  expect(ids.map(({ id }) => id)).toEqual([runId(3), runId(2), runId(1)])
})

test('a backup overwrites nothing, and what fails leaves nothing', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'store.db')
  writeFileSync(join(folder, 'there.db'), 'mine')
  await within(path, async (store) => {
    await expect(store.backup(join(folder, 'there.db'))).rejects.toThrow(StoreRefused)
    await expect(store.backup(join(folder, 'no/such/folder.db'))).rejects.toThrow('cannot write a copy')
    await store.backup(join(folder, 'new.db'))
  })
  expect(statSync(join(folder, 'there.db')).size).toBe(4)
  expect(existsSync(join(folder, 'new.db'))).toBe(true)
  expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([])
})

test('another machine, another file and an unknown time of birth are told apart', () => {
  const place = { machine: 'a', file: 'inode 5, born 7' }
  expect(signsOfCopy(place, place)).toBeUndefined()
  expect(signsOfCopy(place, { ...place, machine: 'b' })).toContain('another machine')
  expect(signsOfCopy(place, { ...place, file: 'inode 6, born 7' })).toContain('another one')
  expect(signsOfCopy(place, { ...place, file: 'inode 5, born 8' })).toContain('another one')
  expect(signsOfCopy(place, { ...place, file: 'inode 5' })).toBeUndefined()
  expect(signsOfCopy({ ...place, file: 'inode 5' }, { ...place, file: 'inode 6' })).toContain('another one')
})
