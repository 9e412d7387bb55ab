import { StoreUnusable } from '../../domain/ports/run-store.ts'
import type { PackedError } from '../system/thread-orders.ts'
import { StatementFailed, StoreRefused } from './store-errors.ts'

/** Primary result codes (sqlite.org/rescode.html): the low byte of what is told. */
const codes = { busy: 5, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const

/** What an error of SQLite means for whoever has the store. */
export function explainSqlite(error: PackedError, path: string): Error {
  const cause = new Error(`SQLite: ${error.message}${error.errcode === undefined ? '' : ` (${error.errcode})`}`)
  switch ((error.errcode ?? 0) & 0xff) {
    case codes.full:
      return new StoreUnusable(`no space is left for the store ${path}`, {
        cause,
        hint: 'Make room on its file system; what was not stored is tried again, nothing is half-written.',
      })
    case codes.ioError:
      return new StoreUnusable(`the store ${path} cannot be read or written`, {
        cause,
        hint: 'Look at its file system (df, dmesg): it is full, over a quota, or its disk fails.',
      })
    case codes.readOnly:
      return new StoreUnusable(`the store ${path} may not be written`, {
        cause,
        hint: 'Let the file and its folder belong to the user of the controller, on a file system that is mounted read-write.',
      })
    case codes.cannotOpen:
      return new StoreUnusable(`the store ${path} cannot be opened`, {
        cause,
        remedy: 'ask',
        hint: 'Let its folder exist and belong to the user of the controller.',
      })
    case codes.corrupt:
    case codes.notADatabase:
      return new StoreUnusable(`the store ${path} is damaged, or is no database`, {
        cause,
        remedy: 'ask',
        hint: 'Keep the file for a look, and put a copy made by `tiercel controller backup` in its place.',
      })
    case codes.busy:
      return new StoreRefused(
        `the store ${path} is in use by another process`,
        'One controller alone may have it: stop the other one first (fuser names it).',
        { cause },
      )
    default:
      return new StatementFailed(`the store ${path} refused a statement`, { cause })
  }
}
