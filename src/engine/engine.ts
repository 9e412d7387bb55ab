import { isActive, type RunRecord } from '../domain/run.ts'
import type { Admission } from './admit.ts'
import { beginChild } from './begin-child.ts'
import { driveChildren, type Nursery } from './drive-children.ts'
import { driveSteps } from './drive-run.ts'
import type { Driver } from './work.ts'
import { EngineClosing, ifItHasMovedOn, InvalidInput, NotNow, PlanOutOfDate } from './errors.ts'
import type { Choice } from './events.ts'
import type { EngineNotice } from './live.ts'
import type { EngineOptions } from './options.ts'
import { newRuns } from './new-runs.ts'
import { Planning } from './planning.ts'
import type { Procedure } from './procedure.ts'
import { insistOnSame } from './same-request.ts'
import type { Session } from './session.ts'
import { Sessions } from './sessions.ts'
import { type Planned, type RunDetail, showRunStep } from './shown.ts'
import type { TranscriptEntry } from '../domain/ports/run-store.ts'
import { createVerbs, insistOn, soon } from './verbs.ts'
import { Bell } from './wait.ts'

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
  const closing = new AbortController()
  const bell = new Bell()
  const named = (name: string): Procedure<World> => {
    const found = procedures.find((one) => one.name === name)
    if (found !== undefined) return found
    throw new InvalidInput(
      `there is no procedure ${name}`,
      `there are: ${procedures.map((one) => one.name).join(', ')}`,
    )
  }
  const tell = (notice: EngineNotice) => {
    for (const listener of listeners) listener(notice)
  }
  const sessions = new Sessions(options, { named, tell, closing: closing.signal })
  const planning = new Planning(options, named)

  const makeRoom = async (run: string, reason: string): Promise<void> => {
    const session = await sessions.inMemory(run)
    if (session?.journal.state === 'running') session.want({ kind: 'pause', reason })
  }
  const driver: Driver<World> & Admission<World> = { ...options, bell, makeRoom, queue: new Map() }

  const drive = (id: string): void => {
    sessions.drive(id, async (session) => {
      const { procedure: name, plan } = session.record
      const procedure = named(name)
      if (procedure.kind === 'children') {
        await driveChildren(session, nurseryOf(session, procedure), driver, closing.signal)
        return
      }
      const objection = async () => planning.objectionTo(session.record, closing.signal)
      const workload = { steps: procedure.steps(plan), locks: procedure.locks(plan), objection }
      await driveSteps(session, workload, driver, closing.signal)
    })
  }

  const childrenOf = async (run: string): Promise<RunRecord[]> =>
    store.transaction(async (transaction) => transaction.runs({ parent: run, limit: Number.MAX_SAFE_INTEGER }))

  const nurseryOf = ({ record }: Session, procedure: Procedure<World>): Nursery => {
    const declared = procedure.children(record.plan)
    return {
      children: async () => childrenOf(record.id),
      keyOf: ({ child }) => declared[child ?? -1]?.key ?? '?',
      policy: procedure.policy(record.plan),
      order: (waiting, running) => procedure.order(record.plan, waiting, running),
      drive: ({ id }) => drive(id),
      cancel: async ({ id, state }) => {
        if (state === 'asking' || isActive(state)) await verbs.cancel(id, record.requestedBy).catch(ifItHasMovedOn)
      },
      undo: async ({ id }) => {
        await verbs.undo(id, record.requestedBy)
      },
      tryToBegin: async (child) => beginChild(child, { procedure: named(child.procedure), sessions, driver, drive }),
    }
  }

  const ring = () => bell.ring()
  const verbs = createVerbs({ sessions, planning, named, childrenOf, drive, ring, closing: closing.signal })

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
      const records = newRuns(planned, named(procedure).children(planned.plan), { id, requestedBy, clock, makeId })
      const session = sessions.adopt(records.parent, [])
      // In one piece with its start: a run that is only planned is one that nobody goes on with after a crash.
      await session.write(approvalNeeded ? [] : [{ kind: 'started', by: requestedBy }], {
        once: true,
        async guard(transaction) {
          for (const record of records.all) await transaction.createRun(record)
          return true
        },
      })
      const { record } = session
      if (approvalNeeded) {
        tell({ kind: 'run', run: record })
      } else {
        bell.ring()
        drive(record.id)
      }
      return record
    },

    async approve(run, hash, by, signal) {
      const { record } = await sessions.get(run)
      sessions.forget(run)
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
      const session = await sessions.get(run)
      const { record, journal, live } = session
      if (!sessions.isDriven(run)) sessions.forget(run)
      const procedure = named(record.procedure)
      return {
        run: record,
        outlook: procedure.outlook(record.plan),
        steps: procedure.steps(record.plan).map((step) => showRunStep(step, journal)),
        children: await childrenOf(run),
        question: journal.question,
        live,
        approvedBy: journal.approvedBy,
        cancelRequested: journal.cancelRequested,
      }
    },

    transcript: async (run, after, limit) =>
      store.transaction(async (transaction) => transaction.transcript(run, after, limit)),

    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    nudge: () => bell.ring(),

    async recover() {
      const active = await store.transaction(async (transaction) =>
        transaction.runs({ states: ['waiting', 'running', 'paused', 'undoing'], limit: Number.MAX_SAFE_INTEGER }),
      )
      for (const { id } of active) drive(id)
    },

    async close() {
      closing.abort(new EngineClosing('the engine ends'))
      await sessions.settled()
      listeners.clear()
    },
  }
}
