import type { Worker } from 'node:worker_threads'
import type { NumberedOrder, PackedError, ThreadReply } from './thread-orders.ts'

/** A thread that carries out orders, one after another, and answers each. */
export interface Thread<Order, Answer> {
  do(order: Order): Promise<Answer>
  end(): Promise<void>
}

/** `failed` names what the thread could not do. `died` is called once; every order from then on is rejected with what it gives. */
export function threadOf<Order, Answer>(
  worker: Worker,
  { failed, died }: { failed: (error: PackedError) => Error; died: (cause: unknown) => Error },
): Thread<Order, Answer> {
  const waiting = new Map<number, PromiseWithResolvers<Answer>>()
  let last = 0
  let death: Error | undefined
  // One that nobody waits for keeps no process alive.
  worker.unref()

  const die = (cause: unknown): void => {
    death ??= died(cause)
    for (const { reject } of waiting.values()) reject(death)
    waiting.clear()
  }
  worker.on('error', die)
  worker.on('exit', (code) => die(new Error(`exit status ${code}`)))
  worker.on('message', (reply: ThreadReply<Answer>) => {
    const asker = waiting.get(reply.number)
    waiting.delete(reply.number)
    if (waiting.size === 0) worker.unref()
    if ('error' in reply) asker?.reject(failed(reply.error))
    else asker?.resolve(reply.answer)
  })
  return {
    async do(order) {
      if (death !== undefined) throw death
      const asker = Promise.withResolvers<Answer>()
      last += 1
      waiting.set(last, asker)
      worker.ref()
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
      worker.postMessage({ number: last, order } satisfies NumberedOrder<Order>)
      return asker.promise
    },
    end: async () => void (await worker.terminate()),
  }
}
