import type { Json, LockRequest, RunClass, RunRecord, RunSummary } from '../domain/run.ts'
import type { Duration, Instant } from '../domain/units.ts'
import type { Choice } from './events.ts'
import { type Journal, workOf } from './journal.ts'
import type { LiveProgress } from './live.ts'
import type { Child, Outlook, Preflight, Procedure } from './procedure.ts'
import type { PlannedCommand, Step } from './step.ts'

/** A step as a plan shows it. */
export interface ShownStep {
  id: string
  title: string
  commands: readonly PlannedCommand[]
  takes: Duration | undefined
  /** What takes it back, or why nothing does. */
  undo: { kind: 'nothing' | 'noWayBack' | 'undo'; says: string; commands: readonly PlannedCommand[] }
}

/** A child as a plan shows it. */
export interface ShownChild {
  key: string
  procedure: string
  title: string
  plan: Json
  locks: readonly LockRequest[]
  steps: readonly ShownStep[]
}

/** A plan, with all that is shown of it before it starts. */
export interface Planned {
  procedure: string
  title: string
  class: RunClass
  input: Json
  plan: Json
  planHash: string
  madeAt: Instant
  outlook: Outlook
  preflight: readonly Preflight[]
  locks: readonly LockRequest[]
  steps: readonly ShownStep[]
  children: readonly ShownChild[]
  /** What would make it wait if it were started now: a freeze, a window. `until`: null where nobody can say. */
  heldBack?: { reason: string; until: Instant | null } | undefined
}

/** One step of a run, as far as it is. */
export interface RunStep extends ShownStep {
  state: 'to do' | 'begun' | 'done' | 'failed' | 'undoing' | 'undone'
  begunAt: Instant | undefined
  /** When it was done, or has last failed. */
  finishedAt: Instant | undefined
  attempts: number
  error: string | undefined
  result: Json | undefined
  /** `look`: it was seen to be done already. */
  how: 'run' | 'look' | undefined
}

/** Everything about one run. */
export interface RunDetail {
  run: RunRecord
  outlook: Outlook
  steps: readonly RunStep[]
  children: readonly RunSummary[]
  question: { text: string; choices: readonly Choice[] } | undefined
  live: LiveProgress | undefined
  approvedBy: string | undefined
  cancelRequested: boolean
}

/** As much of a run as can be shown where its plan or journal cannot be read. */
export const showUnread = (run: RunRecord, children: readonly RunSummary[], { message }: Error): RunDetail => ({
  run,
  outlook: { title: run.title, takes: undefined, endangers: [message] },
  steps: [],
  children,
  question: undefined,
  live: undefined,
  approvedBy: undefined,
  cancelRequested: false,
})

export function showStep<World>({ id, title, commands, takes, undo }: Step<World>): ShownStep {
  const says = undo.kind === 'undo' ? undo.title : undo.because
  return {
    id,
    title,
    commands,
    takes,
    undo: { kind: undo.kind, says, commands: undo.kind === 'undo' ? undo.commands : [] },
  }
}

export function showRunStep<World>(step: Step<World>, journal: Journal): RunStep {
  const work = workOf(journal.forwards, step.id)
  const back = workOf(journal.backwards, step.id)
  const state =
    back.finished !== undefined
      ? 'undone'
      : back.begunAt !== undefined
        ? 'undoing'
        : work.finished !== undefined
          ? 'done'
          : work.error !== undefined
            ? 'failed'
            : work.begunAt !== undefined
              ? 'begun'
              : 'to do'
  return {
    ...showStep(step),
    state,
    begunAt: work.begunAt,
    finishedAt: work.finished?.at ?? work.failedAt,
    attempts: work.operations.length,
    error: back.error ?? work.error,
    result: work.finished?.result,
    how: work.finished?.how,
  }
}

/** Children of a plan, each with its own title and steps. */
export function showChildren<World>(
  children: readonly Child[],
  named: (name: string) => Procedure<World>,
): ShownChild[] {
  return children.map((child) => {
    const procedure = named(child.procedure)
    return {
      key: child.key,
      procedure: child.procedure,
      title: procedure.outlook(child.plan).title,
      plan: child.plan,
      locks: procedure.locks(child.plan),
      steps: procedure.steps(child.plan).map(showStep),
    }
  })
}
