import type { CommandRecord } from '../operation.ts'
import type { Lock, LockRequest, RunClass, RunRecord, RunState, RunSummary, StoredEvent } from '../run.ts'
import type { Instant } from '../units.ts'
import { OpsError, type Remedy } from '../errors.ts'

/** Another writer has added to this run's journal meanwhile: read it again. */
export class StaleRun extends OpsError {
  readonly remedy = 'retry'
}

/**
 * The store cannot be read or written: for want of space, by an error of the disk, or because its server does not answer.
 * Nothing of the transaction is there. `ask`: it will not mend by itself.
 */
export class StoreUnusable extends OpsError {
  readonly remedy: Remedy
  /** What to do next. */
  readonly hint: string | undefined

  constructor(message: string, options: ErrorOptions & { hint?: string | undefined; remedy?: Remedy } = {}) {
    const { hint, remedy, ...rest } = options
    super(message, rest)
    this.hint = hint
    this.remedy = remedy ?? 'retry'
  }
}

/** One command of a transcript, with the step it belongs to. */
export interface TranscriptEntry extends CommandRecord {
  /** From 1, in the order in which they were written. */
  sequence: number
  step: string
}

/** Which runs are listed: newest first. */
export interface RunFilter {
  states?: readonly RunState[] | undefined
  procedure?: string | undefined
  /** `null`: only runs without a parent; an id: the children of that run, in their order. */
  parent?: string | null | undefined
  /** Only runs older than this id: the last of the page before. */
  before?: string | undefined
  limit: number
}

/** What can be done within one transaction. */
export interface RunTransaction {
  createRun(run: RunRecord): Promise<void>
  /** Undefined where there is none. */
  run(id: string): Promise<RunRecord | undefined>
  /**
   * Appends events and writes the run as it stands with them. Rejects with {@link StaleRun} unless the stored version is
   * `run.version − events.length`.
   */
  append(run: RunRecord, events: readonly StoredEvent[]): Promise<void>
  /** In order, those after a sequence. */
  events(run: string, after?: number): Promise<StoredEvent[]>
  runs(filter: RunFilter): Promise<RunRecord[]>
  /** The same without plans, for whoever lists them. */
  summaries(filter: RunFilter): Promise<RunSummary[]>
  /** Held locks, all or of one run, by key. */
  locks(run?: string): Promise<Lock[]>
  /**
   * Takes all or none, in the order of their keys, and answers with who stands in the way: none means that they are held
   * now. `force` takes them in any case, and still answers with who stood in the way. Locks that the run holds already are
   * not counted against it, and keep the moment when they were taken.
   */
  takeLocks(
    run: string,
    requests: readonly LockRequest[],
    as: { class: RunClass; at: Instant; force?: boolean },
  ): Promise<Lock[]>
  releaseLocks(run: string): Promise<void>
  addTranscript(run: string, entries: readonly Omit<TranscriptEntry, 'sequence'>[]): Promise<void>
  transcript(run: string, after: number, limit: number): Promise<TranscriptEntry[]>
}

/**
 * Where runs, their journals, locks and transcripts are kept. Each transaction is whole: it is on disk when `transaction`
 * resolves (synced), and nothing of it is there when it rejects. Several may be called at once; each sees the ones before it.
 *
 * `work` does nothing but ask the transaction: no other work may go on meanwhile, and it is called again from its start where
 * two controllers have met (PostgreSQL). A transaction within one is refused.
 */
export interface RunStore {
  transaction<T>(work: (transaction: RunTransaction) => Promise<T>): Promise<T>
}
