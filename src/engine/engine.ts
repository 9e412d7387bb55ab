import { explain } from '../domain/errors.ts'
import type { TranscriptEntry } from '../domain/ports/run-store.ts'
import { isActive, type Json, type LockRequest, type RunRecord, type RunSummary } from '../domain/run.ts'
import { takeLocks, type Workload } from './drive.ts'
import { withdraw } from './drive-children.ts'
import { driveRun } from './drive-run.ts'
import { EngineClosing, ifItHasMovedOn, InvalidInput, NotNow, PlanOutOfDate, Unreadable } from './errors.ts'
import type { Choice } from './events.ts'
import { Family } from './family.ts'
import type { EngineNotice } from './live.ts'
import { newRuns } from './new-runs.ts'
import type { Nursery } from './nursery.ts'
import type { EngineOptions } from './options.ts'
import { Planning } from './planning.ts'
import { itemsOf, type Procedure, titlesOf } from './procedure.ts'
import { insistOnSame } from './same-request.ts'
import { Scheduler } from './scheduler.ts'
import type { Session } from './session.ts'
import { Sessions } from './sessions.ts'
import { type Planned, type RunDetail, showRunStep, showUnread } from './shown.ts'
import { createVerbs, insistOn, soon } from './verbs.ts'

/** What a run is asked for with. */
export interface StartRequest {
  procedure: string
  input: unknown
  /** The plan that was shown: refused where the world has moved on since. */
  planHash?: string | undefined
  requestedBy: string
  /** A second person has to approve it first: it is stored as planned. */
  approvalNeeded?: boolean | undefined
  /** Made by the caller: the same one gives the same run, however often it is asked for. */
  id?: string | undefined
}

/** Makes plans into runs, and sees every run through. One engine works on a store at a time. */
export interface Engine {
  plan(procedure: string, input: unknown, signal: AbortSignal): Promise<Planned>
  /** Rejects with `PreflightObjects`, `PlanOutOfDate`, `InvalidInput`. */
  start(request: StartRequest, signal: AbortSignal): Promise<RunRecord>
  /** A second person's word on a planned run: bound to the hash of its plan, and followed by the start. */
  approve(run: string, planHash: string, by: string, signal: AbortSignal): Promise<RunRecord>
  resume(run: string, by: string): Promise<RunRecord>
  cancel(run: string, by: string): Promise<RunRecord>
  undo(run: string, by: string): Promise<RunRecord>
  leave(run: string, by: string): Promise<RunRecord>
  answer(run: string, choice: Choice, by: string): Promise<RunRecord>
  detail(run: string): Promise<RunDetail>
  transcript(run: string, after: number, limit: number): Promise<TranscriptEntry[]>
  subscribe(listener: (notice: EngineNotice) => void): () => void
  /** Something that a gate goes by has changed: waiting runs look again. */
  nudge(): void
  /** At the start: goes on with every run that was cut off. */
  recover(): Promise<void>
  /** Stops working at once, and writes nothing more: what runs on hosts goes on, and is found again. */
  close(): Promise<void>
}

/** See {@link Engine}. It knows no ZFS and no IPFS: procedures and the world bring them. */
export function createEngine<World>(options: EngineOptions<World>): Engine {
  const { procedures, store, clock, makeId } = options
  const listeners = new Set<(notice: EngineNotice) => void>()
  const ending = new AbortController()
  const closing = ending.signal
  /** Of every parent that is driven. */
  const families = new Map<string, Family>()
  const named = (name: string): Procedure<World> => {
    const found = procedures.find((one) => one.name === name)
    if (found !== undefined) return found
    throw new InvalidInput(
      `there is no procedure ${name}`,
      `there are: ${procedures.map((one) => one.name).join(', ')}`,
    )
  }
  const tell = (notice: EngineNotice) => {
    if (notice.kind === 'run' && notice.run.parent !== null) families.get(notice.run.parent)?.told(notice.run)
    for (const listener of listeners) listener(notice)
  }
  const freed = (run: string) => scheduler.drop(run)
  const sessions = new Sessions({ ...options, tell, freed, closing }, named)
  const planning = new Planning(options, named)
  const scheduler = new Scheduler(store, (run, reason) => {
    sessions.withOpen(run, (session) => {
      if (session.journal.state === 'running') session.want({ kind: 'pause', reason })
    })
  })

  /** How the children of a run stand. Their plans may be large, and are left where they are. */
  const childrenOf = async (run: string): Promise<RunSummary[]> =>
    store.transaction(async (transaction) => transaction.summaries({ parent: run, limit: Number.MAX_SAFE_INTEGER }))

  const drive = (id: string): void => {
    sessions.drive(id, async (session) => {
      let made: { plan: Json; workload: Workload<World> } | undefined
      const workload = ({ record: { procedure: name, plan } }: Session): Workload<World> => {
        const procedure = named(name)
        if (made?.plan !== plan) {
          const items = itemsOf(procedure.phases(plan))
          made = { plan, workload: { items, locks: procedure.locks(plan), isFleet: procedure.kind === 'fleet' } }
        }
        return made.workload
      }
      let nursery: Promise<Nursery<World>> | undefined
      try {
        await driveRun(session, {
          ...options,
          scheduler,
          closing,
          workload,
          beforeBegin: async ({ record }) => planning.beforeBegin(record, closing),
          replan: async ({ record }, plan) => {
            const steps = titlesOf(itemsOf(named(record.procedure).phases(plan)))
            await session.write([{ kind: 'replanned' }], { replanned: { plan, steps } })
          },
          nursery: async () => (nursery ??= nurseryOf(session)),
        })
      } finally {
        families.delete(id)
        const ended = await nursery?.catch(() => undefined)
        if (ended !== undefined) withdraw(ended, { scheduler })
      }
    })
  }

  const nurseryOf = async (session: Session): Promise<Nursery<World>> => {
    const { id, requestedBy } = session.record
    const family = new Family(() => session.bell.ring())
    families.set(id, family)
    family.add(
      await store.transaction(async (transaction) => transaction.runs({ parent: id, limit: Number.MAX_SAFE_INTEGER })),
    )
    const locks = new Map<string, { plan: Json; locks: readonly LockRequest[] }>()
    return {
      family,
      standing: new Set(),
      isNextBatch: false,
      locksOf({ id: child, procedure, plan }) {
        const known = locks.get(child)
        if (known?.plan === plan) return known.locks
        const read = named(procedure).locks(plan)
        locks.set(child, { plan, locks: read })
        return read
      },
      begin: async (child, want) =>
        sessions.use(child.id, async (one) => {
          const items = itemsOf(named(one.record.procedure).phases(one.record.plan))
          const isIn = await takeLocks(one, want, items, { clock, scheduler })
          if (isIn) drive(child.id)
          return isIn
        }),
      drive: (child) => drive(child.id),
      cancel: async (child) => {
        await verbs.cancelOnce(child.id, requestedBy).catch(ifItHasMovedOn)
      },
      undo: async (child) => {
        await verbs.undo(child.id, requestedBy)
      },
      purposeOf: async (child) => sessions.use(child.id, async ({ journal }) => journal.purpose),
      look: async (gate) => {
        try {
          return await gate.look({ world: options.world, now: clock.now(), signal: closing })
        } catch (error) {
          closing.throwIfAborted()
          return [{ title: 'it can be seen', verdict: 'unknown', says: explain(error) }]
        }
      },
    }
  }

  const verbs = createVerbs({ sessions, planning, store, clock, named, childrenOf, drive, tell, freed, closing })

  return {
    plan: async (procedure, input, signal) => planning.planToShow(procedure, input, signal),

    async start({ procedure, input, planHash: shown, requestedBy, approvalNeeded = false, id }, signal) {
      const known = id === undefined ? undefined : await store.transaction(async (transaction) => transaction.run(id))
      if (known !== undefined) insistOnSame(known, { procedure, input, requestedBy })
      // The store may have taken it and could not say so any more: then nobody works on it yet.
      if (known?.parent === null && isActive(known.state)) drive(known.id)
      if (known !== undefined) return known
      const fresh = await planning.plan(procedure, input, signal)
      const planned = shown === undefined ? fresh : planning.asShown(shown, fresh)
      planning.insistOn(planned.preflight)
      const children = named(procedure).children(planned.plan)
      const records = newRuns(planned, children, { id, requestedBy, clock, makeId })
      return sessions.useNew(records.parent, async (session) => {
        // In one piece with its start: a run that is only planned is one that nobody goes on with after a crash.
        await session.write(approvalNeeded ? [] : [{ kind: 'started', by: requestedBy }], {
          once: true,
          async guard(transaction) {
            for (const record of records.all) await transaction.createRun(record)
            return true
          },
        })
        const { record } = session
        if (approvalNeeded) tell({ kind: 'run', run: record })
        else drive(record.id)
        return record
      })
    },

    async approve(run, hash, by, signal) {
      const record = await sessions.use(run, async (session) => session.record)
      if (record.parent !== null) {
        throw new NotNow(
          `run ${run} is a part of another: it is neither approved nor started by itself`,
          `tiercel runs approve ${record.parent}`,
        )
      }
      if (record.state !== 'planned') throw new NotNow(`run ${run} is ${record.state}: only a planned run is approved`)
      if (record.requestedBy === by)
        throw new NotNow(`run ${run} was asked for by ${by}: another person has to approve it`)
      if (record.planHash !== hash) {
        throw new PlanOutOfDate(`the plan of run ${run} has the hash ${record.planHash}, not ${hash}`, [])
      }
      const fresh = await planning.plan(record.procedure, record.input, signal)
      planning.asShown(hash, fresh, record.plan)
      planning.insistOn(fresh.preflight)
      return verbs.act(run, async (session) => {
        await session.write((journal) => {
          insistOn(run, journal, 'approve', 'planned')
          return [
            { kind: 'approved', by, planHash: hash },
            { kind: 'started', by },
          ]
        }, soon)
      })
    },

    resume: verbs.resume,
    cancel: verbs.cancel,
    undo: verbs.undo,
    leave: verbs.leave,
    answer: verbs.answer,

    async detail(run) {
      const children = await childrenOf(run)
      try {
        return await sessions.use(run, async ({ record, journal, live }) => {
          const procedure = named(record.procedure)
          return {
            run: record,
            outlook: procedure.outlook(record.plan),
            steps: procedure.steps(record.plan).map((step) => showRunStep(step, journal)),
            children,
            question: journal.question,
            live,
            approvedBy: journal.approvedBy,
            cancelRequested: journal.cancelRequested,
          }
        })
      } catch (error) {
        const record = await store.transaction(async (transaction) => transaction.run(run))
        if (!(error instanceof Unreadable) || record === undefined) throw error
        return showUnread(record, children, error)
      }
    },

    transcript: async (run, after, limit) =>
      store.transaction(async (transaction) => transaction.transcript(run, after, limit)),

    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    nudge: () => sessions.ringAll(),

    async recover() {
      const active = await store.transaction(async (transaction) =>
        transaction.runs({ states: ['waiting', 'running', 'paused', 'undoing'], limit: Number.MAX_SAFE_INTEGER }),
      )
      // They come newest first; who came first is to stand first in the queue.
      for (const { id } of active.toReversed()) drive(id)
    },

    async close() {
      ending.abort(new EngineClosing('the engine ends'))
      await sessions.settled()
      listeners.clear()
    },
  }
}
