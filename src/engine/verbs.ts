import { fewAtOnce } from '../domain/few-at-once.ts'
import type { RunStore } from '../domain/ports/run-store.ts'
import { isActive, isOver, type RunRecord, type RunState, type RunSummary } from '../domain/run.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { NotNow, NoWayBack, PreflightObjects, Unreadable } from './errors.ts'
import type { Choice, RunEvent } from './events.ts'
import { isInFlight, type Journal, workOf } from './journal.ts'
import type { EngineNotice } from './live.ts'
import type { Planning } from './planning.ts'
import type { Procedure } from './procedure.ts'
import { type Events, type Session, writeTogether } from './session.ts'
import type { Sessions } from './sessions.ts'

/** What a person can say to a run. Each is one word of its journal, written or refused by how the run stands at that moment. */
export interface Verbs {
  resume: (run: string, by: string) => Promise<RunRecord>
  cancel: (run: string, by: string) => Promise<RunRecord>
  undo: (run: string, by: string) => Promise<RunRecord>
  leave: (run: string, by: string) => Promise<RunRecord>
  answer: (run: string, choice: Choice, by: string) => Promise<RunRecord>
  /** As `cancel`, where that was not said before. */
  cancelOnce: (run: string, by: string) => Promise<RunRecord>
  /** One change of a run that a person has asked for, and what follows of it. */
  act: (run: string, work: (session: Session) => Promise<void>) => Promise<RunRecord>
}

/** States in which any run may be left. */
const leavable: readonly RunState[] = ['planned', 'stopped', 'failed', 'asking']

/** So many children are looked at side by side. */
const looksAtOnce = 8

export function createVerbs<World>(of: {
  sessions: Sessions<World>
  planning: Planning<World>
  store: RunStore
  clock: Clock
  named: (procedure: string) => Procedure<World>
  childrenOf: (run: string) => Promise<RunSummary[]>
  drive: (run: string) => void
  tell: (notice: EngineNotice) => void
  freed: (run: string) => void
  closing: AbortSignal
}): Verbs {
  const { sessions, planning, store, named, childrenOf, drive, closing } = of

  const act = async (id: string, work: (session: Session) => Promise<void>): Promise<RunRecord> =>
    sessions.use(id, async (session) => {
      try {
        await work(session)
      } finally {
        session.bell.ring()
        if (isActive(session.journal.state)) drive(id)
      }
      return session.record
    })

  /** The same of several at once: all of their words are written, or none. */
  const together = async (parts: readonly { run: string; events: Events }[]): Promise<void> => {
    const within = async (index: number, open: { session: Session; events: Events }[]): Promise<void> => {
      const part = parts[index]
      if (part === undefined) return writeTogether(open, store)
      await act(part.run, async (session) => within(index + 1, [...open, { session, events: part.events }]))
    }
    await within(0, [])
  }

  /** Throws where something that was begun cannot be taken back. */
  const canUndo = ({ record, journal }: Session): void => {
    for (const { id, title, undo: back } of named(record.procedure).steps(record.plan)) {
      if (back.kind !== 'noWayBack' || workOf(journal.forwards, id).begunAt === undefined) continue
      throw new NoWayBack(`"${title}" cannot be undone: ${back.because}`, `tiercel runs leave ${record.id}`)
    }
  }

  const cancel = async (id: string, by: string, { isOnce = false } = {}): Promise<RunRecord> => {
    const isParent = (await childrenOf(id)).length > 0
    return act(id, async (session) => {
      await session.write((journal) => {
        if (isOnce && journal.cancelRequested) return []
        insistOn(id, journal, 'cancel', 'waiting', 'running', 'paused', 'asking')
        if (journal.purpose === 'undo') throw new NotNow(`run ${id} is being undone: that is not canceled`)
        const requested = { kind: 'cancel-requested' as const, by }
        if (journal.state !== 'asking') return journal.cancelRequested ? [] : [requested]
        // What is under way, also of its children, is waited for, or paused, by its driver.
        return isInFlight(journal) || isParent
          ? [requested, { kind: 'answered', choice: 'look-again', by }]
          : [requested, { kind: 'stopped', reason: `canceled by ${by}` }]
      }, soon)
      session.want({ kind: 'cancel' })
    })
  }

  const undo = async (id: string, by: string): Promise<RunRecord> =>
    act(id, async (session) => {
      await session.write((journal) => {
        insistOn(id, journal, 'undo', 'stopped', 'failed', 'asking', 'succeeded')
        canUndo(session)
        return [{ kind: 'undo-requested', by }]
      }, soon)
    })

  /** What is against going on with a run. */
  const objections = async ({ record, journal }: Session): Promise<string[]> => {
    if (journal.purpose === 'undo') return [`run ${record.id} was being undone: it does not go on`]
    const { procedure, plan } = record
    const lines = await planning.preflight(named(procedure), plan, closing, { isResumed: true })
    return lines.filter(({ verdict }) => verdict !== 'holds').map(({ title, says }) => `${title}: ${says}`)
  }

  /** A run goes on with all of its children that can: all are looked at first, and all words are written at once. */
  const resume = async (id: string, by: string): Promise<RunRecord> => {
    const children = await childrenOf(id)
    const resumable = children.filter(({ state }) => state === 'stopped' || state === 'failed')
    const unfit: string[] = []
    const fit: string[] = []
    const own = await sessions.use(id, async (session) => {
      insistOn(id, session.journal, 'resume', 'stopped', 'failed')
      if (session.journal.purpose === 'undo') {
        throw new NotNow(`run ${id} was being undone: it does not go on`, `tiercel runs undo ${id}`)
      }
      return objections(session)
    })
    if (own.length > 0) throw new PreflightObjects(own)
    const look = async (child: RunSummary): Promise<void> =>
      sessions.use(child.id, async (session) => {
        const against = await objections(session)
        if (against.length === 0) fit.push(child.id)
        else unfit.push(`${child.title}: ${against.join('; ')}`)
        if (against.length > 0) await session.explainWait(`not resumed: ${against.join('; ')}`)
      })
    await fewAtOnce(looksAtOnce, resumable, look)
    const canGoOn = fit.length > 0 || children.some(({ state }) => state === 'planned' || isActive(state))
    if (unfit.length > 0 && !canGoOn) throw new PreflightObjects(unfit)
    const skips = children.flatMap(({ state, child }) =>
      child !== null && (state === 'left' || state === 'undone') ? [child] : [],
    )
    const resumed = (run: string, of_: object) => ({
      run,
      events: (journal: Journal): RunEvent[] => {
        insistOn(run, journal, 'resume', 'stopped', 'failed')
        return [{ kind: 'resumed', by, ...of_ }]
      },
    })
    await together([resumed(id, skips.length > 0 ? { skips } : {}), ...fit.map((run) => resumed(run, {}))])
    return act(id, async (session) => {
      if (session.journal.state === 'waiting') session.wish = undefined
    })
  }

  const leave = async (id: string, by: string): Promise<RunRecord> => {
    const children = await childrenOf(id)
    let left: RunRecord
    try {
      left = await act(id, async (session) => {
        await session.write((journal) => {
          // What stays of one that has succeeded may be let go: then no run can take it back.
          const stays = named(session.record.procedure).stays !== undefined
          insistOn(id, journal, 'leave', ...leavable, ...(stays ? ['succeeded' as const] : []))
          if (!isInFlight(journal)) return [{ kind: 'left', by }]
          // An older release has let its locks go already: a person has nothing to say about them.
          return journal.state === 'asking' ? askWhetherToLeave(journal) : [{ kind: 'left', by, isUnread: true }]
        }, soon)
      })
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error
      left = await leaveUnread(id, by, of)
    }
    for (const child of left.state === 'left' ? children : []) {
      if (leavable.includes(child.state)) await leave(child.id, by)
    }
    return left
  }

  /** The child that has no way back is left as it is, and its parent goes on with the others. */
  const skip = async (id: string, answered: Events, by: string): Promise<RunRecord> => {
    const last = (await childrenOf(id)).findLast(({ state }) => !['planned', 'undone', 'left'].includes(state))
    const left = { run: last?.id ?? '', events: [{ kind: 'left' as const, by }] }
    await together([{ run: id, events: answered }, ...(last === undefined ? [] : [left])])
    return act(id, async () => undefined)
  }

  const answer = async (id: string, choice: Choice, by: string): Promise<RunRecord> => {
    const answered =
      (session: Session) =>
      (journal: Journal): RunEvent[] => {
        insistOn(id, journal, 'answer', 'asking')
        const choices = journal.question?.choices ?? []
        if (!choices.includes(choice)) {
          throw new NotNow(`run ${id} does not offer ${choice}`, `it offers: ${choices.join(', ')}`)
        }
        if (choice === 'undo') canUndo(session)
        return [{ kind: 'answered', choice, by }]
      }
    if (choice === 'skip') return sessions.use(id, async (session) => skip(id, answered(session), by))
    return act(id, async (session) => {
      await session.write(answered(session), soon)
    })
  }

  return {
    resume,
    cancel: async (id, by) => cancel(id, by),
    cancelOnce: async (id, by) => cancel(id, by, { isOnce: true }),
    undo,
    leave,
    answer,
    act,
  }
}

/** Ends a run that this release cannot read. Whether something of it is under way is not known: its last word says so. */
async function leaveUnread(
  id: string,
  by: string,
  of: {
    store: RunStore
    clock: Clock
    tell: (notice: EngineNotice) => void
    freed: (run: string) => void
  },
): Promise<RunRecord> {
  const at = of.clock.now()
  const left = await of.store.transaction(async (transaction) => {
    const run = await transaction.run(id)
    if (run === undefined) throw new NotNow(`there is no run ${id}`)
    if (isOver(run.state)) throw new NotNow(`run ${id} is ${run.state}`)
    const record: RunRecord = { ...run, state: 'left', version: run.version + 1, updatedAt: at, endedAt: at }
    const body = { kind: 'left', by, isUnread: true } satisfies RunEvent
    await transaction.append(record, [{ sequence: record.version, at, body }])
    await transaction.releaseLocks(id)
    return record
  })
  of.freed(id)
  of.tell({ kind: 'run', run: left })
  return left
}

/** For somebody who waits for the answer: a store that cannot be written is told at once. */
export const soon = { once: true }

export function insistOn(run: string, { state }: Journal, verb: string, ...states: RunState[]): void {
  if (states.includes(state)) return
  throw new NotNow(
    `run ${run} is ${state}: ${verb} is for one that is ${states.join(' or ')}`,
    `tiercel runs show ${run}`,
  )
}

/** What may be under way keeps its locks, until a person says in so many words that they are to be let go all the same. */
function askWhetherToLeave({ question }: Journal): RunEvent[] {
  if (question?.text.startsWith(atWork) === true) return []
  const choices = question?.choices ?? []
  const left: Choice[] = choices.includes('leave-at-work') ? [...choices] : [...choices, 'leave-at-work']
  return [{ kind: 'asked', question: `${atWork} ${question?.text ?? ''}`, choices: left }]
}

const atWork =
  'What was begun is not known to be over, so it keeps its locks; the answer leave-at-work lets them go all the same.'
