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
import { Bell, wait } from './wait.ts'

/** What a run was asked to do beside its steps, by somebody who cannot wait for it. */
export type Wish = { kind: 'pause'; reason: string } | { kind: 'cancel' }

/** What is written together with events. */
export interface Extra {
  /** Runs in the same transaction, before the events are written; what it answers decides whether they are. */
  guard?: (transaction: RunTransaction) => Promise<boolean>
  /** Rejects where the store cannot write, for somebody who waits for the answer. */
  once?: boolean
  /** The plan that takes the place of the one before, with the steps that come of it. */
  replanned?: { plan: Json; steps: Contents['steps'] }
}

/** A run as it was read. */
export interface Contents {
  record: RunRecord
  journal: Journal
  /** Its steps and their titles. */
  steps: ReadonlyMap<string, string>
  /** The run that it is a part of, or itself: class, approval and window are always those. */
  root: RunRecord
}

/** What sessions have of their engine. */
export interface Surroundings extends Pick<EngineOptions<never>, 'store' | 'clock' | 'report'> {
  tell: (notice: EngineNotice) => void
  /** The locks of a run are free. */
  freed: (run: string) => void
  closing: AbortSignal
}

/** Events, or what makes them of the journal when their turn has come; it may throw. */
export type Events = readonly RunEvent[] | ((journal: Journal) => readonly RunEvent[])

/**
 * One run in the memory of its engine: its record and its journal, and the one way to add to them. Everything that is
 * written for a run goes through here, in turn.
 */
export class Session {
  record: RunRecord
  journal: Journal
  root: RunRecord
  live: LiveProgress | undefined
  wish: Wish | undefined
  /** Calls off the present step, so that the wish is looked at. */
  interrupt: (() => void) | undefined
  /** Rings when there may be something to do for whoever drives it. */
  readonly bell = new Bell()
  #steps: Contents['steps']
  readonly #around: Surroundings
  #turn: Promise<unknown> = Promise.resolve()

  constructor({ record, journal, steps, root }: Contents, around: Surroundings) {
    this.record = record
    this.journal = journal
    this.root = root
    this.#steps = steps
    this.#around = around
  }

  /**
   * Adds events, whole and synced, in their order. False when the guard would not have them. A store that cannot write is waited
   * for: nothing else is begun meanwhile, and nothing is lost.
   */
  async write(events: Events, extra: Extra = {}): Promise<boolean> {
    return this.inTurn(async () => {
      const { work, commit } = this.prepare(events, extra)
      const { once = false } = extra
      if (!(await (once ? this.#around.store.transaction(work) : this.#untilWritten(work)))) return false
      commit()
      return true
    })
  }

  /** Work that nothing of this run is written beside. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  /** Says why the run is where it is, without an event. `share`: of its children, how many are done. */
  async explainWait(reason: string, share = this.record.share): Promise<void> {
    await this.inTurn(async () => {
      if (this.record.reason === reason && this.record.share === share) return
      const record = { ...this.record, reason, share }
      await this.#untilWritten(async (transaction) => {
        await transaction.append(record, [])
        return true
      })
      this.record = record
    })
  }

  /**
   * Adds what a step has run on a host to the transcript. `isResumed`: some of it may be there already, from before a restart. An
   * engine that ends writes nothing any more.
   */
  async recordCommands(step: string, commands: readonly CommandRecord[], isResumed: boolean): Promise<void> {
    await this.inTurn(async () => {
      if (commands.length === 0 || this.#around.closing.aborted) return
      const { id } = this.record
      await this.#untilWritten(async (transaction) => {
        const written = isResumed ? await transaction.transcript(id, 0, Number.MAX_SAFE_INTEGER) : []
        const isWritten = ({ host, at, command }: CommandRecord) =>
          written.some((one) => one.step === step && one.host === host && one.at === at && one.command === command)
        const added = commands.filter((one) => !isWritten(one)).map((one) => ({ ...one, step }))
        if (added.length > 0) await transaction.addTranscript(id, added)
        return true
      })
    })
  }

  report(progress: Omit<LiveProgress, 'step'>): void {
    this.live = { step: currentStep(this.journal) ?? '', ...progress }
    this.#around.tell({ kind: 'progress', run: this.record.id, progress: this.live })
  }

  /** Asks the run to pause or to be canceled as soon as it can be. */
  want(wish: Wish): void {
    if (this.wish?.kind === 'cancel') return
    this.wish = wish
    this.interrupt?.()
    this.bell.ring()
  }

  /** In turn only: it is as it was read now, whatever was in memory. */
  restore({ record, journal, steps, root }: Contents): void {
    this.record = record
    this.journal = journal
    this.root = root
    this.#steps = steps
  }

  /** In turn only: what is to be done within a transaction, and when that is written. */
  prepare(
    events: Events,
    { guard, replanned }: Extra,
  ): { work: (transaction: RunTransaction) => Promise<boolean>; commit: () => void } {
    const at = this.#around.clock.now()
    const added = typeof events === 'function' ? events(this.journal) : events
    const steps = replanned?.steps ?? this.#steps
    const before = replanned === undefined ? this.journal : { ...this.journal, steps: [...steps.keys()] }
    const journal = added.reduce((so, event) => next(so, event, at), before)
    const record = {
      ...this.#recordOf(journal, steps, at),
      version: this.record.version + added.length,
      plan: replanned?.plan ?? this.record.plan,
    }
    const stored = added.map((event, index): StoredEvent => ({
      sequence: this.record.version + index + 1,
      at,
      body: Json.parse(event),
    }))
    return {
      work: async (transaction) => {
        if (guard !== undefined && !(await guard(transaction))) return false
        if (added.length > 0) await transaction.append(record, stored)
        // The one place where locks are let go.
        if (freesLocks(journal)) await transaction.releaseLocks(record.id)
        return true
      },
      commit: () => {
        this.journal = journal
        this.record = record
        this.#steps = steps
        if (freesLocks(journal)) this.#around.freed(record.id)
        if (added.length === 0) return
        this.live = undefined
        this.#around.tell({ kind: 'run', run: record })
      },
    }
  }

  async #untilWritten(work: (transaction: RunTransaction) => Promise<boolean>): Promise<boolean> {
    const { store, clock, report, closing } = this.#around
    for (;;) {
      try {
        return await store.transaction(work)
      } catch (error) {
        if (!(error instanceof StoreUnusable)) throw error
        report({ run: this.record.id, error })
        if (closing.aborted) throw new EngineClosing('the engine ends, and the store cannot write', { cause: error })
        await wait(clock, seconds(2), closing).catch(() => undefined)
      }
    }
  }

  #recordOf(journal: Journal, steps: Contents['steps'], at: RunRecord['updatedAt']): RunRecord {
    const done = journal.steps.filter((step) => workOf(journal.forwards, step).finished !== undefined).length
    const current = currentStep(journal)
    return {
      ...this.record,
      state: journal.state,
      reason: journal.reason,
      progress: current === undefined ? '' : (steps.get(current) ?? current),
      share: journal.steps.length === 0 ? this.record.share : Math.max(this.record.share, done / journal.steps.length),
      updatedAt: at,
      endedAt: isOver(journal.state) || journal.state === 'failed' || journal.state === 'stopped' ? at : null,
    }
  }
}

/** Adds events to several runs, all or none, in one transaction; for a person, who is told where the store cannot write. */
export async function writeTogether(
  parts: readonly { session: Session; events: Events }[],
  store: EngineOptions<never>['store'],
): Promise<void> {
  const end = Promise.withResolvers<void>()
  // The turns of all are asked for at once: two of these never wait for each other.
  const begun = parts.map(({ session }) => {
    const turn = Promise.withResolvers<void>()
    void session.inTurn(async () => {
      turn.resolve()
      await end.promise
    })
    return turn.promise
  })
  try {
    await Promise.all(begun)
    const prepared = parts.map(({ session, events }) => session.prepare(events, {}))
    await store.transaction(async (transaction) => {
      for (const { work } of prepared) await work(transaction)
    })
    for (const { commit } of prepared) commit()
  } finally {
    end.resolve()
  }
}

export const words = (error: unknown): string => explain(error).slice(0, 4000)
