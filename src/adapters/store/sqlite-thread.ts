import { Worker } from 'node:worker_threads'
import { StoreUnusable } from '../../domain/ports/run-store.ts'
import { explainSqlite } from './sqlite-errors.ts'
import type { SqliteAnswer, SqliteOrder, SqliteReply, SqliteWorkerData } from './sqlite-messages.ts'

/** A database in a thread of its own. Orders are carried out one after another. */
export interface SqliteThread {
  readonly path: string
  do(order: SqliteOrder): Promise<SqliteAnswer>
  /** Closes the file, and ends the thread. */
  close(): Promise<void>
}

export function startSqliteThread(data: SqliteWorkerData): SqliteThread {
  const { path } = data
  const worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), { workerData: data })
  const waiting = new Map<number, PromiseWithResolvers<SqliteAnswer>>()
  let next = 0
  let death: Error | undefined
  // An open store that nobody waits for keeps no process alive.
  worker.unref()

  const die = (cause: unknown): void => {
    death ??= new StoreUnusable(`the thread of the store ${path} has ended`, {
      cause,
      remedy: 'ask',
      hint: 'Start the controller again; what was acknowledged is stored.',
    })
    for (const { reject } of waiting.values()) reject(death)
    waiting.clear()
  }
  worker.on('error', die)
  worker.on('exit', (code) => die(new Error(`exit status ${code}`)))
  worker.on('message', (reply: SqliteReply) => {
    const { number } = reply
    const order = waiting.get(number)
    waiting.delete(number)
    if (waiting.size === 0) worker.unref()
    if ('answer' in reply) order?.resolve(reply.answer)
    else order?.reject(explainSqlite(reply.error, path))
  })

  const send = async (order: SqliteOrder): Promise<SqliteAnswer> => {
    if (death !== undefined) throw death
    const answer = Promise.withResolvers<SqliteAnswer>()
    const number = next
    next += 1
    waiting.set(number, answer)
    worker.ref()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage({ number, order })
    return answer.promise
  }
  return {
    path,
    do: send,
    async close() {
      await send({ kind: 'close' })
      await worker.terminate()
    },
  }
}
