import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ControllerTransaction } from '../../domain/ports/controller-store.ts'
import { StoreUnusable } from '../../domain/ports/run-store.ts'
import type { StoreContext } from './controller-books.ts'
import { controllerTransaction } from './controller-transaction.ts'
import type { Database } from './database.ts'

/** How often a transaction that lost against another writer is tried again, and how long it waits at first. */
const mostAttempts = 12
const firstWaitMs = 4

/** How long one waits behind others: where each of them meets a database that is silent, the last would wait for ever. */
const patienceMs = 15_000

type Work<T> = (transaction: ControllerTransaction) => Promise<T>

/** Whole transactions on one database, one at a time, in the order in which they were asked for. */
export interface Transactions {
  run<T>(work: Work<T>): Promise<T>
  /** What is no transaction, but has to wait for them: a copy, the end. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

/** `committed` is told what each transaction has done, once it is on disk. */
export function transactions(
  database: Database,
  context: Omit<StoreContext, 'effects'>,
  committed: (effects: StoreContext['effects']) => void,
): Transactions {
  let last: Promise<unknown> = Promise.resolve()
  const within = new AsyncLocalStorage<{ isOpen: boolean }>()

  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    // It would wait for itself for ever.
    if (within.getStore()?.isOpen === true) throw new Error('a transaction was asked for within a transaction')
    const askedAt = performance.now()
    const turn = last.then(async () => {
      if (performance.now() - askedAt > patienceMs) {
        throw new StoreUnusable(`${database.called} is behind: what was asked of it has waited for too long`, {
          hint: 'Look whether its disk or its server is slow or silent; what was not stored is tried again.',
        })
      }
      return work()
    })
    last = turn.catch(() => undefined)
    return turn
  }

  const attempt = async <T>(work: Work<T>): Promise<T> => {
    const { db, isolation } = database
    const builder = isolation === undefined ? db.transaction() : db.transaction().setIsolationLevel(isolation)
    const scope = { isOpen: true }
    const effects = { fed: false, claimed: false }
    try {
      const result = await builder.execute(async (transaction) =>
        within.run(scope, async () => {
          await database.lead?.insist(transaction)
          return work(controllerTransaction(transaction, { ...context, effects }))
        }),
      )
      committed(effects)
      return result
    } finally {
      scope.isOpen = false
    }
  }

  const persist = async <T>(work: Work<T>): Promise<T> => {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt(work)
      } catch (error) {
        if (!database.isConflict(error) || attempts === mostAttempts) throw database.explain(error)
        await sleep(firstWaitMs * 2 ** Math.min(attempts - 1, 6) * (0.5 + Math.random()))
      }
    }
  }

  return { alone, run: async (work) => alone(async () => persist(work)) }
}
