import { randomBytes } from 'node:crypto'
import { chmod, link, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StoreUnusable } from '../../domain/ports/run-store.ts'
import type { SqliteThread } from './sqlite-thread.ts'
import { StoreRefused } from './store-errors.ts'
import { backupMark } from './store-place.ts'

/** Never half a file under its name: written beside, synced, linked to the name if that is free, and the folder synced. */
export async function backupSqlite(thread: SqliteThread, to: string): Promise<void> {
  const folder = dirname(to)
  const beside = join(folder, `.${randomBytes(6).toString('hex')}.new`)
  try {
    await using made = await open(beside, 'wx', 0o600)
    await made.close()
    await thread.do({ kind: 'copy', to: beside, sql: [`update identity set file = '${backupMark}'`] })
    await chmod(beside, 0o600)
    await using file = await open(beside, 'r')
    await file.sync()
    await link(beside, to)
    await rm(beside)
    await using entry = await open(folder, 'r')
    await entry.sync()
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined)
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw new StoreRefused(`${to} is there already, and was left as it is`, 'Name a file that does not exist yet.', {
        cause,
      })
    }
    throw new StoreUnusable(`cannot write a copy of the store to ${to}`, {
      cause,
      remedy: 'ask',
      hint: 'Name a file in a folder that exists, may be written by the user of the controller, and has room.',
    })
  }
}
