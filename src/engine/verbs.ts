import { isActive, type RunRecord, type RunState } from '../domain/run.ts'
import { NotNow } from './errors.ts'
import type { Choice, RunEvent } from './events.ts'
import { isInFlight, type Journal, workOf } from './journal.ts'
import type { Planning } from './planning.ts'
import type { Procedure } from './procedure.ts'
import type { Session } from './session.ts'
import type { Sessions } from './sessions.ts'

/** What a person can say to a run. Each is one word of its journal, written or refused by how the run stands at that moment. */
export interface Verbs {
  resume: (run: string, by: string) => Promise<RunRecord>
  cancel: (run: string, by: string) => Promise<RunRecord>
  undo: (run: string, by: string) => Promise<RunRecord>
  leave: (run: string, by: string) => Promise<RunRecord>
  answer: (run: string, choice: Choice, by: string) => Promise<RunRecord>
  /** One change of a run that a person has asked for, and what follows of it. */
  act: (run: string, work: (session: Session) => Promise<void>) => Promise<RunRecord>
}

export function createVerbs<World>(of: {
  sessions: Sessions<World>
  planning: Planning<World>
  named: (procedure: string) => Procedure<World>
  childrenOf: (run: string) => Promise<RunRecord[]>
  drive: (run: string) => void
  ring: () => void
  closing: AbortSignal
}): Verbs {
  const { sessions, planning, named, childrenOf, drive, ring, closing } = of

  /** One change of a run that a person has asked for, and what follows of it. */
  const act = async (id: string, work: (session: Session) => Promise<void>): Promise<RunRecord> => {
    const session = await sessions.get(id)
    try {
      await work(session)
    } finally {
      ring()
      if (isActive(session.journal.state)) drive(id)
      else sessions.forget(id)
    }
    return session.record
  }

  /** Throws where something that was begun cannot be taken back. */
  const canUndo = (session: Session): void => {
    for (const { id, title, undo: back } of named(session.record.procedure).steps(session.record.plan)) {
      if (back.kind !== 'noWayBack' || workOf(session.journal.forwards, id).begunAt === undefined) continue
      throw new NotNow(`"${title}" cannot be undone: ${back.because}`, `tiercel runs leave ${session.record.id}`)
    }
  }

  const cancel = async (id: string, by: string): Promise<RunRecord> =>
    act(id, async (session) => {
      await session.write((journal) => {
        insistOn(id, journal, 'cancel', 'waiting', 'running', 'paused', 'asking')
        if (journal.purpose === 'undo') throw new NotNow(`run ${id} is being undone: that is not canceled`)
        const requested = { kind: 'cancel-requested' as const, by }
        if (journal.state !== 'asking') return [requested]
        // What is under way is waited for, or paused, by its driver.
        return isInFlight(journal)
          ? [requested, { kind: 'answered', choice: 'look-again', by }]
          : [requested, { kind: 'stopped', reason: `canceled by ${by}` }]
      }, soon)
      session.want({ kind: 'cancel' })
    })

  const undo = async (id: string, by: string): Promise<RunRecord> =>
    act(id, async (session) => {
      await session.write((journal) => {
        insistOn(id, journal, 'undo', 'stopped', 'failed', 'asking', 'succeeded')
        canUndo(session)
        return [{ kind: 'undo-requested', by }]
      }, soon)
    })

  const resume = async (id: string, by: string): Promise<RunRecord> => {
    const children = await childrenOf(id)
    return act(id, async (session) => {
      insistOn(id, session.journal, 'resume', 'stopped', 'failed')
      if (session.journal.purpose === 'undo') {
        throw new NotNow(`run ${id} was being undone: it does not go on`, `tiercel runs undo ${id}`)
      }
      session.wish = undefined
      const { procedure, plan } = session.record
      planning.insistOn(await planning.preflight(named(procedure), plan, closing, { isResumed: true }))
      await session.write((journal) => {
        insistOn(id, journal, 'resume', 'stopped', 'failed')
        return [{ kind: 'resumed', by }]
      }, soon)
      for (const child of children) {
        if (child.state === 'stopped' || child.state === 'failed') await resume(child.id, by)
      }
    })
  }

  const leave = async (id: string, by: string): Promise<RunRecord> => {
    const children = await childrenOf(id)
    return act(id, async (session) => {
      await session.write((journal) => {
        insistOn(id, journal, 'leave', 'planned', 'stopped', 'failed', 'asking')
        return isInFlight(journal) ? askWhetherToLeave(journal) : [{ kind: 'left', by }]
      }, soon)
      for (const child of children) {
        if (['planned', 'stopped', 'failed', 'asking'].includes(child.state)) await leave(child.id, by)
      }
    })
  }

  const answer = async (run: string, choice: Choice, by: string): Promise<RunRecord> =>
    act(run, async (session) => {
      await session.write((journal) => {
        insistOn(run, journal, 'answer', 'asking')
        const choices = journal.question?.choices ?? []
        if (!choices.includes(choice)) {
          throw new NotNow(`run ${run} does not offer ${choice}`, `it offers: ${choices.join(', ')}`)
        }
        if (choice === 'undo') canUndo(session)
        return [{ kind: 'answered', choice, by }]
      }, soon)
    })

  return { resume, cancel, undo, leave, answer, act }
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
