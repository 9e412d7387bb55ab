import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import { ApiError } from '../../api/agent.ts'
import type { GrantRequest, OperationRequest } from '../../api/operations.ts'
import { OpsError } from '../../domain/errors.ts'
import { Authority, OperationId, OperationState } from '../../domain/operation.ts'
import type { Duration } from '../../domain/units.ts'
import type { LogOrder, LogReply } from './log-worker-messages.ts'

const Objection = ApiError.shape.error.optional()
/** Why something is refused; undefined where it is not. */
export type Objection = z.infer<typeof Objection>

/** What became of a request: `new` is to be run now, `known` never again. */
const Acceptance = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('new') }),
  z.object({ outcome: z.literal('known'), state: OperationState }),
  z.object({ outcome: z.literal('refused'), refusal: ApiError.shape.error }),
])
export type Acceptance = z.infer<typeof Acceptance>

/** Whom this host obeys. */
const Grant = z.object({ authority: Authority.nullable(), lastOperation: OperationId.nullable() })
export type Grant = z.infer<typeof Grant>

const Taken = z.union([Grant, z.object({ refusal: ApiError.shape.error })])
export type Taken = z.infer<typeof Taken>

/** More at once than the pools of any host. */
export const mostUnderWay = 32

/**
 * What this agent was asked to do, and how it ended: on disk when a method resolves. Each rejects with {@link LogFailed}
 * where it could not be written; then nothing has changed.
 */
export interface OperationLog {
  /** What was under way when the agent ended last is lost from now on. Gives the ids. */
  lose(): Promise<OperationId[]>
  judge(request: OperationRequest): Promise<Acceptance>
  accept(request: OperationRequest): Promise<Acceptance>
  find(id: OperationId): Promise<OperationState | undefined>
  /** Never changes what is final already. */
  write(id: OperationId, state: OperationState): Promise<void>
  grant(): Promise<Grant>
  take(request: GrantRequest): Promise<Taken>
  authorize(authority: Authority): Promise<Objection>
  close(): Promise<void>
}

/** The log could not be read or written: a full disk, a folder that is not ours. */
export class LogFailed extends OpsError {
  readonly remedy = 'retry'
}

/** The log in a folder, by a thread of its own: an fsync can take seconds, and the agent answers all the while. */
export function openOperationLog(options: { folder: string; keepFor: Duration }): OperationLog {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let worker: Worker | undefined
  let last = 0

  const start = (): Worker => {
    const thread = new Worker(new URL('./log-worker.ts', import.meta.url), { workerData: options })
    let reason = 'it ended'
    thread.on('message', ({ number, ...reply }: LogReply) => {
      const asker = waiting.get(number)
      waiting.delete(number)
      if ('failure' in reply)
        asker?.reject(new LogFailed(`the log of operations in ${options.folder}: ${reply.failure}`))
      else asker?.resolve(reply.value)
    })
    thread.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error)
    })
    thread.once('exit', () => {
      if (worker === thread) worker = undefined
      const askers = [...waiting.values()]
      waiting.clear()
      for (const { reject } of askers)
        reject(new LogFailed(`the thread that keeps the log of operations died: ${reason}`))
    })
    return thread
  }

  const ask = async <Schema extends z.ZodType>(order: LogOrder, schema: Schema): Promise<z.output<Schema>> => {
    worker ??= start()
    last += 1
    const asker = Promise.withResolvers<unknown>()
    waiting.set(last, asker)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage({ number: last, order })
    return schema.parse(await asker.promise)
  }

  return {
    lose: () => ask({ call: 'lose' }, z.array(OperationId)),
    judge: (request) => ask({ call: 'judge', request }, Acceptance),
    accept: (request) => ask({ call: 'accept', request }, Acceptance),
    find: (id) => ask({ call: 'find', id }, OperationState.optional()),
    write: (id, state) => ask({ call: 'write', id, state }, z.undefined()),
    grant: () => ask({ call: 'grant' }, Grant),
    take: (request) => ask({ call: 'take', request }, Taken),
    authorize: (authority) => ask({ call: 'authorize', authority }, Objection),
    async close() {
      if (worker === undefined) return
      await ask({ call: 'close' }, z.undefined())
      await worker?.terminate()
    },
  }
}
