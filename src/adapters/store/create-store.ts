import type { ControllerStore } from '../../domain/ports/controller-store.ts'
import { systemClock } from '../system/clock.ts'
import { booksApart } from './books-apart.ts'
import type { StoreBounds } from './controller-books.ts'
import type { Database } from './database.ts'
import { mostFeedEntries } from './feed.ts'
import { readSignsOfCopy } from './identity.ts'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/migrations.ts'
import { transactions } from './transactions.ts'
import { transcriptBounds } from './transcript.ts'

export const storeBounds: StoreBounds = { transcript: transcriptBounds, feed: mostFeedEntries }

/** The store of a controller on a database, brought to the newest schema. The database is closed where that fails. */
export async function createStore(database: Database, bounds: StoreBounds): Promise<ControllerStore> {
  const { db, lead } = database
  try {
    await migrate(database, migrations, () => systemClock.now())
    await lead?.claim(db)
    const place = await database.place(db)
    let copy = await readSignsOfCopy(db, place)
    const listeners = new Set<() => void>()
    const work = transactions(database, { place, bounds }, ({ fed, claimed }) => {
      if (claimed) copy = undefined
      if (fed) for (const listener of listeners) listener()
    })
    return {
      ...booksApart(async (each) => work.run(each)),
      transaction: async (each) => work.run(each),
      copyBecause: () => copy,
      onFeed(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      backup: async (path) => work.alone(async () => database.backup(path)),
      lost: lead?.lost ?? new AbortController().signal,
      close: async () =>
        work.alone(async () => {
          await db.destroy()
          await lead?.end()
        }),
    }
  } catch (error) {
    await db.destroy().catch(() => undefined)
    await lead?.end()
    throw database.explain(error)
  }
}
