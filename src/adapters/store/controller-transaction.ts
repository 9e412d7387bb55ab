import type { Kysely } from 'kysely'
import type { ControllerTransaction } from '../../domain/ports/controller-store.ts'
import { type RunRecord, RunSummary } from '../../domain/run.ts'
import { controllerBooks, type StoreContext } from './controller-books.ts'
import { heldLocks, releaseLocks, takeLocks } from './locks.ts'
import { listRuns, listSummaries } from './run-list.ts'
import { appendEvents, createRun, eventsOf, oneRun } from './runs.ts'
import type { Schema } from './schema.ts'
import { addTranscript, transcriptOf } from './transcript.ts'

/** What a controller can ask of its store, over one transaction of the database. */
export function controllerTransaction(db: Kysely<Schema>, context: StoreContext): ControllerTransaction {
  const books = controllerBooks(db, context)
  const tell = async (run: RunRecord): Promise<void> => {
    const body = RunSummary.parse(run)
    await books.feed.add({ at: body.updatedAt, kind: 'run', run: body.id, body })
  }
  return {
    ...books,
    async createRun(run) {
      await createRun(db, run)
      await tell(run)
    },
    run: async (id) => oneRun(db, id),
    async append(run, added) {
      await appendEvents(db, run, added)
      await tell(run)
    },
    events: async (run, after = 0) => eventsOf(db, run, after),
    runs: async (filter) => listRuns(db, filter),
    summaries: async (filter) => listSummaries(db, filter),
    locks: async (run) => heldLocks(db, run),
    takeLocks: async (run, requests, as) => takeLocks(db, run, requests, as),
    releaseLocks: async (run) => releaseLocks(db, run),
    addTranscript: async (run, entries) => addTranscript(db, run, entries, context.bounds.transcript),
    transcript: async (run, after, limit) => transcriptOf(db, run, after, limit),
  }
}
