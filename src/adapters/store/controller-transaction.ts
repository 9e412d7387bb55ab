import type { Kysely } from 'kysely'
import type { ControllerTransaction } from '../../domain/ports/controller-store.ts'
import type { RunRecord } from '../../domain/run.ts'
import { feed, mostFeedEntries } from './feed.ts'
import { heldLocks, releaseLocks, takeLocks } from './locks.ts'
import { listRuns } from './run-list.ts'
import { appendEvents, createRun, eventsOf, oneRun } from './runs.ts'
import type { Schema } from './schema.ts'
import { addTranscript, transcriptBounds, transcriptOf, type TranscriptBounds } from './transcript.ts'

export interface StoreBounds {
  transcript: TranscriptBounds
  feed: number
}

export const storeBounds: StoreBounds = { transcript: transcriptBounds, feed: mostFeedEntries }

/** What a controller can ask of its store, over one transaction of the database. */
export function controllerTransaction(
  db: Kysely<Schema>,
  options: { bounds: StoreBounds; fed: () => void },
): ControllerTransaction {
  const { bounds, fed } = options
  const events = feed(db, fed, bounds.feed)
  const tell = async (run: RunRecord): Promise<void> => {
    const { procedure, parent, title, state, version, progress, share, reason } = run
    const body = { procedure, parent, title, state, version, progress, share, reason }
    await events.add({ at: run.updatedAt, kind: 'run', run: run.id, body })
  }
  return {
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
    locks: async (run) => heldLocks(db, run),
    takeLocks: async (run, requests, as) => takeLocks(db, run, requests, as),
    releaseLocks: async (run) => releaseLocks(db, run),
    addTranscript: async (run, entries) => addTranscript(db, run, entries, bounds.transcript),
    transcript: async (run, after, limit) => transcriptOf(db, run, after, limit),
    feed: events,
  }
}
