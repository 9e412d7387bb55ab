import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { type Thread, threadOf } from '../../adapters/system/thread.ts'
import { explain } from '../../domain/errors.ts'
import { OperationId, OperationState } from '../../domain/operation.ts'
import type { Duration } from '../../domain/units.ts'
import type { LogOrder } from './log-order.ts'
import { Acceptance, Grant, LogFailed, Objection, type OperationLog, Taken } from './operation-log.ts'

/** The log in a folder, by a thread of its own: an fsync can take seconds, and the agent answers all the while. */
export function openOperationLog(options: { folder: string; keepFor: Duration }): OperationLog {
  let thread: Thread<LogOrder, unknown> | undefined

  const start = (): Thread<LogOrder, unknown> =>
    threadOf(new Worker(new URL('./log-worker.ts', import.meta.url), { workerData: options }), {
      failed: ({ message }) => new LogFailed(`the log of operations in ${options.folder}: ${message}`),
      // The next order has another thread.
      died(cause) {
        thread = undefined
        return new LogFailed(`the thread that keeps the log of operations died: ${explain(cause)}`)
      },
    })

  const ask = async <Schema extends z.ZodType>(order: LogOrder, schema: Schema): Promise<z.output<Schema>> => {
    thread ??= start()
    return schema.parse(await thread.do(order))
  }

  return {
    lose: () => ask({ call: 'lose' }, z.array(OperationId)),
    judge: (request) => ask({ call: 'judge', request }, Acceptance),
    accept: (request) => ask({ call: 'accept', request }, Acceptance),
    find: (id) => ask({ call: 'find', id }, OperationState.optional()),
    write: (id, state) => ask({ call: 'write', id, state }, z.undefined()),
    grant: () => ask({ call: 'grant' }, Grant),
    take: (request, mayGrant) => ask({ call: 'take', request, mayGrant }, Taken),
    note: (granted) => ask({ call: 'note', granted }, Grant),
    authorize: (authority) => ask({ call: 'authorize', authority }, Objection),
    use: (signature) => ask({ call: 'use', signature }, Objection),
    async close() {
      if (thread === undefined) return
      await ask({ call: 'close' }, z.undefined())
      await thread?.end()
    },
  }
}
