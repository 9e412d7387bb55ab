import { parentPort, workerData } from 'node:worker_threads'
import { openMark } from './commit-mark.ts'
import { openDatabase, type SqliteDatabase } from './sqlite-database.ts'
import type { PackedSqliteError, SqliteOrder, SqliteReply, SqliteWorkerData } from './sqlite-messages.ts'

// The thread of one database: `node:sqlite` blocks its thread on every sync of the disk, and the controller answers meanwhile.

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only sqlite-thread.ts starts this file
const { path, mark } = workerData as SqliteWorkerData
const note = openMark(mark)
let database: SqliteDatabase | undefined

parentPort?.on('message', ({ number, order }: { number: number; order: SqliteOrder }) => {
  try {
    // One that could not be opened needs no closing.
    if (order.kind !== 'close') database ??= openDatabase(path, (commits) => note.set(commits))
    tell({ number, answer: database?.do(order) ?? { rows: [], changes: 0 } })
  } catch (error) {
    tell({ number, error: pack(error) })
  }
  if (order.kind === 'close') {
    note.close()
    parentPort?.close()
  }
})

function tell(reply: SqliteReply): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(reply)
}

function pack(error: unknown): PackedSqliteError {
  if (!(error instanceof Error)) return { message: String(error), errcode: undefined }
  const errcode = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined
  return { message: error.message, errcode }
}
