import { constants } from 'node:fs'
import { access, chmod, lstat, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StoreUnusable } from '../../domain/ports/run-store.ts'
import { StoreRefused } from './store-errors.ts'

/**
 * Makes folder and file where they are missing, for their owner alone, and refuses those that others could change. To be
 * called before SQLite has the file: closing any handle of it later would take SQLite's locks away (fcntl(2)).
 */
export async function prepareFile(path: string): Promise<void> {
  const folder = dirname(path)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await requireOurs(folder)
    await makeFile(path)
    const stat = await lstat(path)
    if (!stat.isFile()) throw new StoreRefused(`the store ${path} is not a regular file`, 'Name a file, not a link.')
    if ((stat.mode & 0o077) !== 0) await chmod(path, 0o600)
    // SQLite would open it for reading alone, and fail later in other words.
    for (const each of [folder, path]) await access(each, constants.W_OK)
  } catch (cause) {
    if (cause instanceof StoreRefused) throw cause
    throw new StoreUnusable(`the store ${path} cannot be made or opened`, {
      cause,
      remedy: 'ask',
      hint: 'Let its folder belong to the user of the controller, on a file system with room that is mounted read-write.',
    })
  }
}

/** Whoever can write the folder can put another store there. */
async function requireOurs(folder: string): Promise<void> {
  const stat = await lstat(folder)
  const us = process.getuid?.()
  if (!stat.isDirectory()) throw new StoreRefused(`${folder} is not a folder`, 'Name a file in a folder of its own.')
  if (stat.uid !== us) {
    throw new StoreRefused(
      `the folder ${folder} belongs to user ${stat.uid}, and this is user ${us}`,
      'Run the controller as the owner of its store, or give the folder to its user.',
    )
  }
  if ((stat.mode & 0o022) !== 0) {
    throw new StoreRefused(
      `others may write in the folder ${folder} (mode ${(stat.mode & 0o777).toString(8)})`,
      `Run chmod go-w ${folder}`,
    )
  }
}

async function makeFile(path: string): Promise<void> {
  try {
    await using _ = await open(path, 'wx', 0o600)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
