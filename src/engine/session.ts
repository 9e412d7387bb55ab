import { explain } from '../domain/errors.ts'
import type { CommandRecord } from '../domain/operation.ts'
import { StoreUnusable, type RunTransaction } from '../domain/ports/run-store.ts'
import { isOver, Json, type RunRecord, type StoredEvent } from '../domain/run.ts'
import { seconds } from '../domain/units.ts'
import { EngineClosing } from './errors.ts'
import type { RunEvent } from './events.ts'
import { currentStep, freesLocks, type Journal, workOf } from './journal.ts'
import type { EngineNotice, LiveProgress } from './live.ts'
import type { EngineOptions } from './options.ts'
import { next } from './transition.ts'
import { wait } from './wait.ts'

/** What a run was asked to do beside its steps, by somebody who cannot wait for it. */
export type Wish = { kind: 'pause'; reason: string } | { kind: 'cancel' }

/** What is written together with events. */
export interface Extra {
  transcript?: readonly { step: string; command: CommandRecord }[]
  /** Runs in the same transaction, before the events are written; what it answers decides whether they are. */
  guard?: (transaction: RunTransaction) => Promise<boolean>
  /** Rejects where the store cannot write, for somebody who waits for the answer. */
  once?: boolean
}

/**
 * One run in the memory of its engine: its record and its journal, and the one way to add to them. Everything that is
 * written for a run goes through here, in turn.
 */
export class Session {
  record: RunRecord
  journal: Journal
  live: LiveProgress | undefined
  wish: Wish | undefined
  /** Calls off the present step, so that the wish is looked at. */
  interrupt: (() => void) | undefined
  readonly titles: ReadonlyMap<string, string>
  readonly #options: Pick<EngineOptions<never>, 'store' | 'clock' | 'report'>
  readonly #tell: (notice: EngineNotice) => void
  readonly #closing: AbortSignal
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    record: RunRecord,
    journal: Journal,
    titles: ReadonlyMap<string, string>,
    options: Pick<EngineOptions<never>, 'store' | 'clock' | 'report'>,
    { tell, closing }: { tell: (notice: EngineNotice) => void; closing: AbortSignal },
  ) {
    this.record = record
    this.journal = journal
    this.titles = titles
    this.#options = options
    this.#tell = tell
    this.#closing = closing
  }

  /**
   * Adds events, whole and synced, in their order; they are made from the journal as it is when their turn comes. False when the guard
   * would not have them. A store that cannot write is waited for: nothing else is begun meanwhile, and nothing is lost.
   */
  async write(
    events: readonly RunEvent[] | ((journal: Journal) => readonly RunEvent[]),
    extra: Extra = {},
  ): Promise<boolean> {
    const mine = this.#turn.then(async () =>
      this.#writeNow(typeof events === 'function' ? events(this.journal) : events, extra),
    )
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  /** Says why the run is where it is, without an event. */
  async explainWait(reason: string): Promise<void> {
    if (this.record.reason === reason) return
    await this.write([], { guard: (transaction) => this.#noteReason(transaction, reason) })
  }

  report(progress: Omit<LiveProgress, 'step'>): void {
    this.live = { step: currentStep(this.journal) ?? '', ...progress }
    this.#tell({ kind: 'progress', run: this.record.id, progress: this.live })
  }

  /** Asks the run to pause or to be canceled as soon as it can be. */
  want(wish: Wish): void {
    if (this.wish?.kind === 'cancel') return
    this.wish = wish
    this.interrupt?.()
  }

  async #noteReason(transaction: RunTransaction, reason: string): Promise<boolean> {
    const record = { ...this.record, reason }
    await transaction.append(record, [])
    this.record = record
    return false
  }

  async #writeNow(events: readonly RunEvent[], { transcript = [], guard, once = false }: Extra): Promise<boolean> {
    const at = this.#options.clock.now()
    const journal = events.reduce((before, event) => next(before, event, at), this.journal)
    const record = this.#recordOf(journal, this.record.version + events.length, at)
    const stored = events.map((event, index): StoredEvent => ({
      sequence: this.record.version + index + 1,
      at,
      body: Json.parse(event),
    }))
    const work = async (transaction: RunTransaction) => {
      if (guard !== undefined && !(await guard(transaction))) return false
      if (events.length > 0) await transaction.append(record, stored)
      if (freesLocks(journal)) await transaction.releaseLocks(record.id)
      if (transcript.length > 0) {
        await transaction.addTranscript(
          record.id,
          transcript.map(({ step, command }) => ({ ...command, step })),
        )
      }
      return true
    }
    const isWritten = await (once ? this.#options.store.transaction(work) : this.#untilWritten(work))
    if (!isWritten) return false
    this.journal = journal
    this.record = record
    if (events.length > 0) {
      this.live = undefined
      this.#tell({ kind: 'run', run: record })
    }
    return true
  }

  async #untilWritten(work: (transaction: RunTransaction) => Promise<boolean>): Promise<boolean> {
    for (;;) {
      try {
        return await this.#options.store.transaction(work)
      } catch (error) {
        if (!(error instanceof StoreUnusable)) throw error
        this.#options.report({ run: this.record.id, error })
        if (this.#closing.aborted)
          throw new EngineClosing('the engine ends, and the store cannot write', { cause: error })
        await wait(this.#options.clock, seconds(2), this.#closing).catch(() => undefined)
      }
    }
  }

  #recordOf(journal: Journal, version: number, at: RunRecord['updatedAt']): RunRecord {
    const done = journal.steps.filter((step) => workOf(journal.forwards, step).finished !== undefined).length
    const current = currentStep(journal)
    return {
      ...this.record,
      state: journal.state,
      version,
      reason: journal.reason,
      progress: current === undefined ? '' : (this.titles.get(current) ?? current),
      share: journal.steps.length === 0 ? this.record.share : done / journal.steps.length,
      updatedAt: at,
      endedAt: isOver(journal.state) || journal.state === 'failed' || journal.state === 'stopped' ? at : null,
    }
  }
}

export const words = (error: unknown): string => explain(error).slice(0, 4000)
