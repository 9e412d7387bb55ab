import { Worker } from 'node:worker_threads'
import { StoreUnusable } from '../../domain/ports/run-store.ts'
import { type Thread, threadOf } from '../system/thread.ts'
import { explainSqlite } from './sqlite-errors.ts'
import type { SqliteAnswer, SqliteOrder, SqliteWorkerData } from './sqlite-messages.ts'

/** A database in a thread of its own. Orders are carried out one after another. */
export interface SqliteThread extends Pick<Thread<SqliteOrder, SqliteAnswer>, 'do'> {
  readonly path: string
  /** Closes the file, and ends the thread. */
  close(): Promise<void>
}

export function startSqliteThread(data: SqliteWorkerData): SqliteThread {
  const { path } = data
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: data })
  const thread = threadOf<SqliteOrder, SqliteAnswer>(worker, {
    failed: (error) => explainSqlite(error, path),
    died: (cause) =>
      new StoreUnusable(`the thread of the store ${path} has ended`, {
        cause,
        remedy: 'ask',
        hint: 'Start the controller again; what was acknowledged is stored.',
      }),
  })
  return {
    path,
    do: async (order) => thread.do(order),
    async close() {
      await thread.do({ kind: 'close' })
      await thread.end()
    },
  }
}
