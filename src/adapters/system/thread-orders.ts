import { parentPort } from 'node:worker_threads'
import { explain } from '../../domain/errors.ts'

export interface NumberedOrder<Order> {
  number: number
  order: Order
}

export type ThreadReply<Answer> = { number: number } & ({ answer: Answer } | { error: PackedError })

/** An error on its way between threads. */
export interface PackedError {
  /** With its causes. */
  message: string
  /** Extended result code (sqlite.org/rescode.html); undefined for an error that SQLite has not given. */
  errcode: number | undefined
}

/** In a thread: carries out the orders that come, and answers each. `done` is called after its answer. */
export function carryOutOrders<Order>(
  carryOut: (order: Order) => unknown,
  done: (order: Order) => void = () => undefined,
): void {
  parentPort?.on('message', ({ number, order }: NumberedOrder<Order>) => {
    try {
      tell({ number, answer: carryOut(order) })
    } catch (error) {
      tell({ number, error: pack(error) })
    }
    done(order)
  })
}

function tell(reply: ThreadReply<unknown>): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage(reply)
}

function pack(error: unknown): PackedError {
  const errcode = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return { message: explain(error), errcode: typeof errcode === 'number' ? errcode : undefined }
}
