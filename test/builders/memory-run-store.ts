import type { CommandRecord } from '../../src/domain/operation.ts'
import {
  type RunFilter,
  type RunStore,
  type RunTransaction,
  StaleRun,
  type TranscriptEntry,
} from '../../src/domain/ports/run-store.ts'
import type { Lock, LockRequest, RunClass, RunRecord, StoredEvent } from '../../src/domain/run.ts'
import type { Instant } from '../../src/domain/units.ts'

/** What a store holds, as plain data. */
export interface Stored {
  runs: Map<string, RunRecord>
  events: Map<string, StoredEvent[]>
  locks: Lock[]
  transcripts: Map<string, TranscriptEntry[]>
}

export const emptyStored = (): Stored => ({ runs: new Map(), events: new Map(), locks: [], transcripts: new Map() })

/** Called around each write to a journal, with its first event's kind; what it throws is the power cut. */
export interface Cuts {
  before?(kind: string): void
  after?(kind: string): void
}

/**
 * A store in memory for tests of the engine; the store's own contract holds it to the real ones. `stored` outlives it, as a disk
 * does. Transactions come one after the other, and are whole.
 */
export function memoryRunStore(stored: Stored, cuts: Cuts = {}): RunStore {
  let turn: Promise<unknown> = Promise.resolve()
  return {
    transaction<T>(work: (transaction: RunTransaction) => Promise<T>): Promise<T> {
      const mine = turn.then(async () => {
        const copy = structuredClone(stored)
        const kinds: string[] = []
        const result = await work(transactionOn(copy, kinds))
        for (const kind of kinds) cuts.before?.(kind)
        Object.assign(stored, copy)
        for (const kind of kinds) cuts.after?.(kind)
        return result
      })
      turn = mine.catch(() => undefined)
      return mine
    },
  }
}

function transactionOn(stored: Stored, kinds: string[]): RunTransaction {
  return {
    async createRun(run) {
      if (stored.runs.has(run.id)) throw new StaleRun(`run ${run.id} is there already`)
      stored.runs.set(run.id, run)
      stored.events.set(run.id, [])
      kinds.push('created')
    },
    async run(id) {
      return stored.runs.get(id)
    },
    async append(run, events) {
      const before = stored.runs.get(run.id)
      if (before?.version !== run.version - events.length) throw new StaleRun(`run ${run.id} has moved on`)
      stored.runs.set(run.id, run)
      stored.events.set(run.id, [...(stored.events.get(run.id) ?? []), ...events])
      const [first] = events
      if (first !== undefined) kinds.push(kindOf(first))
    },
    async events(run, after = 0) {
      return (stored.events.get(run) ?? []).filter(({ sequence }) => sequence > after)
    },
    async runs(filter) {
      return listed([...stored.runs.values()], filter)
    },
    async summaries(filter) {
      return listed([...stored.runs.values()], filter).map(({ input: _input, plan: _plan, ...summary }) => summary)
    },
    async locks(run) {
      return stored.locks.filter((lock) => run === undefined || lock.run === run)
    },
    async takeLocks(run, requests, as) {
      return takeLocks(stored, run, requests, as)
    },
    async releaseLocks(run) {
      stored.locks = stored.locks.filter((lock) => lock.run !== run)
    },
    async addTranscript(run, entries) {
      const before = stored.transcripts.get(run) ?? []
      const added = entries.map((entry: CommandRecord & { step: string }, index) => ({
        ...entry,
        sequence: before.length + index + 1,
      }))
      stored.transcripts.set(run, [...before, ...added])
    },
    async transcript(run, after, limit) {
      return (stored.transcripts.get(run) ?? []).filter(({ sequence }) => sequence > after).slice(0, limit)
    },
  }
}

function kindOf({ body }: StoredEvent): string {
  const kind = body !== null && typeof body === 'object' && !Array.isArray(body) ? body['kind'] : undefined
  return typeof kind === 'string' ? kind : '?'
}

function listed(runs: readonly RunRecord[], { states, procedure, parent, before, limit }: RunFilter): RunRecord[] {
  const matching = runs.filter(
    (run) =>
      (states === undefined || states.includes(run.state)) &&
      (procedure === undefined || run.procedure === procedure) &&
      (parent === undefined || run.parent === parent) &&
      (before === undefined || run.id < before),
  )
  const isFamily = typeof parent === 'string'
  return matching
    .toSorted((a, b) => (isFamily ? (a.child ?? 0) - (b.child ?? 0) : a.id < b.id ? 1 : -1))
    .slice(0, limit)
}

function takeLocks(
  stored: Stored,
  run: string,
  requests: readonly LockRequest[],
  { class: runClass, at, force = false }: { class: RunClass; at: Instant; force?: boolean },
): Lock[] {
  const standing = requests.flatMap(({ key, capacity }) => {
    const others = stored.locks.filter((lock) => lock.key === key && lock.run !== run)
    return others.length < Math.min(capacity, ...others.map((lock) => lock.capacity)) ? [] : others
  })
  if (standing.length > 0 && !force) return standing
  const mine = requests.map((request): Lock => ({ ...request, run, class: runClass, takenAt: at }))
  stored.locks = [...stored.locks.filter((lock) => lock.run !== run), ...mine]
  return standing
}
