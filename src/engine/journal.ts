import type { OperationId } from '../domain/operation.ts'
import type { Json, RunState } from '../domain/run.ts'
import type { Instant } from '../domain/units.ts'
import type { Choice } from './events.ts'
import type { Begun } from './step.ts'

/** Which way a step is worked on: it is done, or taken back. */
export type Direction = 'forwards' | 'backwards'

/** One piece of work under way or done: a step forwards, or its undo. */
export interface Work {
  /**
   * Its newest attempt: there was none; it was begun, and is not known to be over; or it is over, so that another one needs a
   * new id.
   */
  attempt: 'none' | 'open' | 'over'
  /** When it was first begun; undefined before that. */
  begunAt: Instant | undefined
  /** The ids of all its attempts, the newest last. */
  operations: readonly OperationId[]
  /** Those of its pauses. */
  pauses: readonly OperationId[]
  /** How many attempts there had been when it was last paused. */
  attemptsAtPause: number
  /** Failures since a person has last said to go on. */
  failures: number
  /** Of the newest attempt. */
  error: string | undefined
  /** When its newest attempt has failed; undefined while another one goes on. */
  failedAt: Instant | undefined
  finished: { at: Instant; result: Json; how: 'run' | 'look' } | undefined
  /** A person has said to run it, whatever is seen. */
  goAhead: boolean
}

/** What a run's events add up to. */
export interface Journal {
  state: RunState
  purpose: 'run' | 'undo'
  /** Ids of the steps, in their order. */
  steps: readonly string[]
  forwards: Readonly<Record<string, Work>>
  backwards: Readonly<Record<string, Work>>
  question: { text: string; choices: readonly Choice[] } | undefined
  cancelRequested: boolean
  /** A step is being paused in its middle. */
  pausing: { step: string; operation: OperationId } | undefined
  /** Places of children that a person has left or undone before it was resumed. */
  skips: readonly number[]
  /** Why the state is as it is, in words. */
  reason: string
  approvedBy: string | undefined
}

const nothingYet: Work = {
  attempt: 'none',
  begunAt: undefined,
  operations: [],
  pauses: [],
  attemptsAtPause: 0,
  failures: 0,
  error: undefined,
  failedAt: undefined,
  finished: undefined,
  goAhead: false,
}

export const workOf = (works: Readonly<Record<string, Work>>, step: string): Work => works[step] ?? nothingYet

/** How a step knows its own doing again; undefined where it was not begun. */
export function begunOf({ begunAt: at, operations, pauses, attemptsAtPause }: Work): Begun | undefined {
  const operation = operations.at(-1)
  if (at === undefined || operation === undefined) return undefined
  return { at, operation, operations, pauses, sincePause: operations.slice(attemptsAtPause) }
}

export function emptyJournal(steps: readonly string[]): Journal {
  return {
    state: 'planned',
    purpose: 'run',
    steps,
    forwards: {},
    backwards: {},
    question: undefined,
    cancelRequested: false,
    pausing: undefined,
    skips: [],
    reason: '',
    approvedBy: undefined,
  }
}

/** The step that is to be worked on: the first that has not finished. Undefined when all have. */
export const currentStep = ({ steps, forwards }: Journal): string | undefined =>
  steps.find((step) => workOf(forwards, step).finished === undefined)

/** The step that is to be taken back: the last one that was begun by us and is not undone. Undefined when none is left. */
export const stepToUndo = ({ steps, forwards, backwards }: Journal): string | undefined =>
  steps.findLast(
    (step) => workOf(forwards, step).begunAt !== undefined && workOf(backwards, step).finished === undefined,
  )

/** The step whose turn it is in that direction. */
export const turnOf = (journal: Journal, direction: Direction): string | undefined =>
  direction === 'forwards' ? currentStep(journal) : stepToUndo(journal)

/** Whether something of the run may be under way in the world: an attempt is open. Nothing else says so. */
export const isInFlight = ({ forwards, backwards }: Journal): boolean =>
  [...Object.values(forwards), ...Object.values(backwards)].some(({ attempt }) => attempt === 'open')

/** Whether nothing of it has been done yet. */
export const hasNotBegun = ({ forwards }: Journal): boolean =>
  Object.values(forwards).every(({ begunAt, finished }) => begunAt === undefined && finished === undefined)

/** States in which a run needs no locks. */
const resting: readonly RunState[] = ['planned', 'paused', 'stopped', 'failed', 'undone', 'left', 'succeeded']

/** Whether a run's locks are to be let go. Where it was left at work, a person has said so. */
export const freesLocks = (journal: Journal): boolean =>
  resting.includes(journal.state) && (journal.state === 'left' || !isInFlight(journal))
