import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControllerTransaction } from '../../domain/ports/controller-store.ts'
import { controllerTransaction, type StoreBounds } from './controller-transaction.ts'
import type { Database } from './database.ts'

/** How often a transaction that lost against another writer is tried again, and how long it waits at first. */
const mostAttempts = 12
const firstWaitMs = 4

/** Whole transactions on one database, one at a time, in the order in which they were asked for. */
export interface Transactions {
  run<T>(work: (transaction: ControllerTransaction) => Promise<T>): Promise<T>
  /** What is no transaction, but has to wait for them: a copy, the end. */
  alone<T>(work: () => Promise<T>): Promise<T>
  onFeed(listener: () => void): () => void
}

export function transactions(database: Database, bounds: StoreBounds): Transactions {
  let last: Promise<unknown> = Promise.resolve()
  const within = new AsyncLocalStorage<{ isOpen: boolean }>()
  const listeners = new Set<() => void>()

  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    // It would wait for itself for ever.
    if (within.getStore()?.isOpen === true) throw new Error('a transaction was asked for within a transaction')
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  const attempt = async <T>(work: (transaction: ControllerTransaction) => Promise<T>): Promise<T> => {
    const { db, isolation } = database
    const builder = isolation === undefined ? db.transaction() : db.transaction().setIsolationLevel(isolation)
    const scope = { isOpen: true }
    let isFed = false
    const fed = (): void => {
      isFed = true
    }
    try {
      const result = await builder.execute(async (transaction) =>
        within.run(scope, async () => work(controllerTransaction(transaction, { bounds, fed }))),
      )
      if (isFed) for (const listener of listeners) listener()
      return result
    } finally {
      scope.isOpen = false
    }
  }

  const persist = async <T>(work: (transaction: ControllerTransaction) => Promise<T>): Promise<T> => {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt(work)
      } catch (error) {
        if (!database.isConflict(error) || attempts === mostAttempts) throw database.explain(error)
        await sleep(firstWaitMs * 2 ** Math.min(attempts - 1, 6) * (0.5 + Math.random()))
      }
    }
  }

  return {
    alone,
    run: async (work) => alone(async () => persist(work)),
    onFeed(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
