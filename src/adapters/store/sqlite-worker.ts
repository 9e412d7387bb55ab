import { parentPort, workerData } from 'node:worker_threads'
import { carryOutOrders } from '../system/thread-orders.ts'
import { openMark } from './commit-mark.ts'
import { openDatabase, type SqliteDatabase } from './sqlite-database.ts'
import type { SqliteAnswer, SqliteOrder, SqliteWorkerData } from './sqlite-messages.ts'

// The thread of one database: `node:sqlite` blocks its thread on every sync of the disk, and the controller answers meanwhile.

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only sqlite-thread.ts starts this file
const { path, mark } = workerData as SqliteWorkerData
const note = openMark(mark)
let database: SqliteDatabase | undefined

carryOutOrders<SqliteOrder>(
  (order): SqliteAnswer => {
    // One that could not be opened needs no closing.
    if (order.kind !== 'close') database ??= openDatabase(path, (commits) => note.set(commits))
    return database?.do(order) ?? { rows: [], changes: 0 }
  },
  ({ kind }) => {
    if (kind !== 'close') return
    note.close()
    parentPort?.close()
  },
)
