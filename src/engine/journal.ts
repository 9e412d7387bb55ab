import type { OperationId } from '../domain/operation.ts'
import type { Json, RunState } from '../domain/run.ts'
import type { Instant } from '../domain/units.ts'
import { IllegalTransition } from './errors.ts'
import type { Choice, RunEvent } from './events.ts'
import type { Begun } from './step.ts'

/** One piece of work under way or done: a step forwards, or its undo. */
export interface Work {
  /** When it was first begun; undefined before that. */
  begunAt: Instant | undefined
  /** The ids of all its attempts, the newest last. */
  operations: readonly OperationId[]
  /** Those of its pauses. */
  pauses: readonly OperationId[]
  /** The newest attempt is over: another one needs a new id. */
  needsAttempt: boolean
  /** Failures since a person has last said to go on. */
  failures: number
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
  /** Why the state is as it is, in words. */
  reason: string
  approvedBy: string | undefined
}

const nothingYet: Work = {
  begunAt: undefined,
  operations: [],
  pauses: [],
  needsAttempt: false,
  failures: 0,
  error: undefined,
  failedAt: undefined,
  finished: undefined,
  goAhead: false,
}

export const workOf = (works: Readonly<Record<string, Work>>, step: string): Work => works[step] ?? nothingYet

/** How a step knows its own doing again; undefined where it was not begun. */
export function begunOf({ begunAt: at, operations, pauses }: Work): Begun | undefined {
  const operation = operations.at(-1)
  return at === undefined || operation === undefined ? undefined : { at, operation, operations, pauses }
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

/**
 * The one transition function: what a journal is after one more event. Everything that may not follow is refused; so a
 * journal that was written is one that could be.
 */
export function next(journal: Journal, event: RunEvent, at: Instant): Journal {
  const refuse = (why: string): void => {
    throw new IllegalTransition(`a run that is ${journal.state} cannot have ${event.kind}: ${why}`)
  }
  const only = (...states: RunState[]): void => {
    if (!states.includes(journal.state)) refuse(`only one that is ${states.join(', ')}`)
  }
  const works = event.kind.startsWith('undo-') ? 'backwards' : 'forwards'
  const withWork = (step: string, change: Partial<Work>, rest: Partial<Journal> = {}): Journal => ({
    ...journal,
    ...rest,
    [works]: { ...journal[works], [step]: { ...workOf(journal[works], step), ...change } },
  })
  const isTurnOf = (step: string, expected: string | undefined): void => {
    if (step !== expected) refuse(`the step ${step} is not the next one (${expected ?? 'none'} is)`)
  }
  const begin = (step: string, operation: OperationId): Journal => {
    const work = workOf(journal[works], step)
    if (work.begunAt !== undefined && !work.needsAttempt) refuse(`the step ${step} has an attempt that is not over`)
    return withWork(step, {
      begunAt: work.begunAt ?? at,
      operations: [...work.operations, operation],
      failedAt: undefined,
      needsAttempt: false,
      goAhead: false,
    })
  }
  const fail = (event_: { step: string; error: string; operationIsOver: boolean }): Journal => {
    const work = workOf(journal[works], event_.step)
    return withWork(event_.step, {
      error: event_.error,
      failedAt: at,
      failures: work.failures + 1,
      needsAttempt: work.needsAttempt || (work.begunAt !== undefined && event_.operationIsOver),
    })
  }
  const goOn = (which: 'forwards' | 'backwards', step: string | undefined, goAhead: boolean): Journal => {
    if (step === undefined) return journal
    const work = { ...workOf(journal[which], step), failures: 0, goAhead }
    return { ...journal, [which]: { ...journal[which], [step]: work } }
  }
  const rest = { question: undefined, reason: '' }

  switch (event.kind) {
    case 'approved':
      only('planned')
      return { ...journal, approvedBy: event.by }
    case 'started':
      only('planned')
      return { ...journal, state: 'waiting' }
    case 'locks-taken':
      only('waiting')
      return { ...journal, ...rest, state: journal.purpose === 'run' ? 'running' : 'undoing' }
    case 'step-begun':
      only('running')
      if (journal.pausing !== undefined) refuse('it is being paused')
      isTurnOf(event.step, currentStep(journal))
      return begin(event.step, event.operation)
    case 'step-finished':
      only('running')
      isTurnOf(event.step, currentStep(journal))
      if (event.how === 'run' && workOf(journal.forwards, event.step).begunAt === undefined) {
        refuse(`the step ${event.step} was never begun`)
      }
      return withWork(event.step, {
        finished: { at, result: event.result, how: event.how },
        error: undefined,
        goAhead: false,
      })
    case 'step-failed':
      only('running')
      isTurnOf(event.step, currentStep(journal))
      return fail(event)
    case 'asked':
      only('running', 'undoing')
      return {
        ...journal,
        state: 'asking',
        question: { text: event.question, choices: event.choices },
        reason: event.question,
      }
    case 'answered': {
      only('asking')
      if (journal.question?.choices.includes(event.choice) !== true) refuse(`${event.choice} was not offered`)
      if (event.choice === 'leave') return { ...journal, ...rest, pausing: undefined, state: 'left' }
      if (event.choice === 'undo') {
        return { ...journal, ...rest, pausing: undefined, cancelRequested: false, state: 'waiting', purpose: 'undo' }
      }
      const isRun = journal.purpose === 'run'
      const step = isRun ? currentStep(journal) : stepToUndo(journal)
      const state = isRun ? 'running' : 'undoing'
      return { ...goOn(isRun ? 'forwards' : 'backwards', step, event.choice === 'run'), ...rest, state }
    }
    case 'cancel-requested':
      only('waiting', 'running', 'paused', 'asking')
      if (journal.purpose === 'undo') refuse('it is being undone already')
      return { ...journal, cancelRequested: true }
    case 'pause-begun':
      only('running')
      isTurnOf(event.step, currentStep(journal))
      if (workOf(journal.forwards, event.step).begunAt === undefined) refuse(`the step ${event.step} was never begun`)
      return withWork(
        event.step,
        { pauses: [...workOf(journal.forwards, event.step).pauses, event.operation] },
        { pausing: { step: event.step, operation: event.operation } },
      )
    case 'paused':
    case 'stopped': {
      only('running', ...(event.kind === 'stopped' ? (['waiting', 'paused', 'asking'] as const) : []))
      if (event.kind === 'stopped' && !journal.cancelRequested) refuse('nobody has asked for it')
      const step = currentStep(journal)
      const work = step === undefined ? undefined : workOf(journal.forwards, step)
      const inFlight =
        journal.state === 'running' && work?.begunAt !== undefined && !work.needsAttempt && work.error === undefined
      if (inFlight && journal.pausing === undefined) refuse(`the step ${step ?? ''} is in its middle`)
      const ended = { ...rest, reason: event.reason, state: event.kind, pausing: undefined } as const
      // What was paused in its middle goes on with a new operation.
      return journal.pausing === undefined
        ? { ...journal, ...ended }
        : withWork(journal.pausing.step, { needsAttempt: true }, ended)
    }
    case 'woken':
      only('paused')
      return { ...journal, ...rest, state: 'waiting' }
    case 'failed':
      only('running', 'undoing')
      return { ...journal, ...rest, state: 'failed', reason: event.error }
    case 'resumed': {
      only('stopped', 'failed')
      if (journal.purpose === 'undo') refuse('it was being undone: undo it again')
      return { ...goOn('forwards', currentStep(journal), false), ...rest, state: 'waiting', cancelRequested: false }
    }
    case 'undo-requested':
      only('stopped', 'failed', 'asking', 'succeeded')
      return {
        ...goOn('backwards', stepToUndo(journal), false),
        ...rest,
        pausing: undefined,
        state: 'waiting',
        purpose: 'undo',
        cancelRequested: false,
      }
    case 'undo-begun':
      only('undoing')
      isTurnOf(event.step, stepToUndo(journal))
      return begin(event.step, event.operation)
    case 'undo-finished':
      only('undoing')
      isTurnOf(event.step, stepToUndo(journal))
      return withWork(event.step, { finished: { at, result: null, how: event.how }, error: undefined, goAhead: false })
    case 'undo-failed':
      only('undoing')
      isTurnOf(event.step, stepToUndo(journal))
      return fail(event)
    case 'undone':
      only('undoing')
      if (stepToUndo(journal) !== undefined) refuse(`the step ${stepToUndo(journal) ?? ''} is not undone`)
      return { ...journal, ...rest, state: 'undone' }
    case 'left':
      only('planned', 'stopped', 'failed', 'asking')
      return { ...journal, ...rest, state: 'left' }
    case 'succeeded':
      only('running')
      if (currentStep(journal) !== undefined) refuse(`the step ${currentStep(journal) ?? ''} has not finished`)
      break
  }
  return { ...journal, ...rest, state: 'succeeded' }
}

/** What all events of a run add up to. */
export function replay(steps: readonly string[], events: readonly { at: Instant; event: RunEvent }[]): Journal {
  return events.reduce((journal, { at, event }) => next(journal, event, at), emptyJournal(steps))
}
