import type { RunState } from '../domain/run.ts'
import type { Instant } from '../domain/units.ts'
import { IllegalTransition } from './errors.ts'
import type { RunEvent } from './events.ts'
import {
  currentStep,
  type Direction,
  emptyJournal,
  hasNotBegun,
  isInFlight,
  type Journal,
  stepToUndo,
  turnOf,
  type Work,
  workOf,
} from './journal.ts'

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
  const mustStand = (): void => {
    if (isInFlight(journal)) refuse('what it has begun is not known to be over')
  }
  const isTurn = (direction: Direction, step: string): void => {
    const expected = turnOf(journal, direction)
    if (step !== expected) refuse(`the step ${step} is not the next one (${expected ?? 'none'} is)`)
  }
  const mustBeBegun = (step: string): void => {
    if (workOf(journal.forwards, step).begunAt === undefined) refuse(`the step ${step} was never begun`)
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
    case 'replanned':
      only('running')
      if (!hasNotBegun(journal)) refuse('it has begun')
      return journal
    case 'phase-begun':
      only('running')
      isTurn('forwards', event.step)
      return withWork(journal, 'forwards', event.step, { begunAt: workOf(journal.forwards, event.step).begunAt ?? at })
    case 'step-begun':
    case 'undo-begun': {
      const direction = directionOf(event.kind)
      only(direction === 'forwards' ? 'running' : 'undoing')
      if (journal.pausing !== undefined) refuse('it is being paused')
      isTurn(direction, event.step)
      const { attempt, begunAt = at, operations } = workOf(journal[direction], event.step)
      if (attempt === 'open') refuse(`the step ${event.step} has an attempt that is not over`)
      return withWork(journal, direction, event.step, {
        attempt: 'open',
        begunAt,
        operations: [...operations, event.operation],
        error: undefined,
        failedAt: undefined,
        goAhead: false,
      })
    }
    case 'step-finished':
      only('running')
      isTurn('forwards', event.step)
      if (event.how === 'run') mustBeBegun(event.step)
      return finish(journal, 'forwards', event.step, { at, result: event.result, how: event.how })
    case 'undo-finished':
      only('undoing')
      isTurn('backwards', event.step)
      // What is taken back is under way no more, whichever way it was.
      return finish(over(journal, 'forwards', event.step), 'backwards', event.step, {
        at,
        result: null,
        how: event.how,
      })
    case 'step-failed':
    case 'undo-failed': {
      const direction = directionOf(event.kind)
      only(direction === 'forwards' ? 'running' : 'undoing')
      isTurn(direction, event.step)
      const { failures } = workOf(journal[direction], event.step)
      const failed = withWork(journal, direction, event.step, {
        error: event.error,
        failedAt: at,
        failures: failures + 1,
      })
      return event.operationIsOver ? over(failed, direction, event.step) : failed
    }
    case 'asked': {
      only('running', 'undoing', 'asking')
      const direction = journal.purpose === 'run' ? 'forwards' : 'backwards'
      const looked = event.operationIsOver === true ? over(journal, direction, turnOf(journal, direction)) : journal
      // Who leaves what may be under way says so.
      const choices = event.choices.map((one) => (one === 'leave' && isInFlight(looked) ? 'leave-at-work' : one))
      return { ...looked, state: 'asking', question: { text: event.question, choices }, reason: event.question }
    }
    case 'answered': {
      only('asking')
      if (journal.question?.choices.includes(event.choice) !== true) refuse(`${event.choice} was not offered`)
      if (event.choice === 'leave') mustStand()
      if (event.choice === 'leave' || event.choice === 'leave-at-work') {
        return { ...journal, ...rest, pausing: undefined, state: 'left' }
      }
      if (event.choice === 'undo') return toUndo(journal)
      const isRun = journal.purpose === 'run'
      const goneOn = goOn(journal, isRun ? 'forwards' : 'backwards', event.choice === 'run')
      return { ...goneOn, ...rest, state: isRun ? 'running' : 'undoing' }
    }
    case 'cancel-requested':
      only('waiting', 'running', 'paused', 'asking')
      if (journal.purpose === 'undo') refuse('it is being undone already')
      return { ...journal, cancelRequested: true }
    case 'pause-begun':
      only('running')
      isTurn('forwards', event.step)
      if (workOf(journal.forwards, event.step).attempt !== 'open') refuse(`the step ${event.step} is not under way`)
      return {
        ...withWork(journal, 'forwards', event.step, {
          pauses: [...workOf(journal.forwards, event.step).pauses, event.operation],
          attemptsAtPause: workOf(journal.forwards, event.step).operations.length,
        }),
        pausing: { step: event.step, operation: event.operation },
      }
    case 'paused':
    case 'stopped': {
      only('running', ...(event.kind === 'stopped' ? (['waiting', 'paused', 'asking'] as const) : []))
      if (event.kind === 'stopped' && !journal.cancelRequested) refuse('nobody has asked for it')
      // While it works, this is what says that a pause in the middle of a step has come about: it goes on with a new operation.
      const stood = journal.state === 'running' ? over(journal, 'forwards', journal.pausing?.step) : journal
      if (isInFlight(stood) && event.atWork !== true) refuse(`the step ${currentStep(journal) ?? ''} is in its middle`)
      return { ...stood, ...rest, reason: event.reason, state: event.kind, pausing: undefined }
    }
    case 'woken':
      only('paused')
      return { ...journal, ...rest, state: 'waiting' }
    case 'failed':
      only('running', 'undoing')
      if (event.atWork !== true) mustStand()
      return { ...journal, ...rest, state: 'failed', reason: event.error }
    case 'resumed':
      only('stopped', 'failed')
      if (journal.purpose === 'undo') refuse('it was being undone: undo it again')
      return {
        ...goOn(journal, 'forwards', false),
        ...rest,
        state: 'waiting',
        cancelRequested: false,
        skips: event.skips ?? [],
      }
    case 'undo-requested':
      only('stopped', 'failed', 'asking', 'succeeded')
      return toUndo(goOn(journal, 'backwards', false))
    case 'undone':
      only('undoing')
      if (stepToUndo(journal) !== undefined) refuse(`the step ${stepToUndo(journal) ?? ''} is not undone`)
      return { ...journal, ...rest, state: 'undone' }
    case 'left':
      if (event.isUnread === true) return { ...journal, ...rest, state: 'left' }
      only('planned', 'stopped', 'failed', 'asking', 'succeeded')
      mustStand()
      return { ...journal, ...rest, state: 'left' }
    case 'succeeded':
      only('running')
      if (currentStep(journal) !== undefined) refuse(`the step ${currentStep(journal) ?? ''} has not finished`)
      break
  }
  return { ...journal, ...rest, state: 'succeeded' }
}

const directionOf = (kind: RunEvent['kind']): Direction => (kind.startsWith('undo-') ? 'backwards' : 'forwards')

const withWork = (journal: Journal, direction: Direction, step: string, change: Partial<Work>): Journal => ({
  ...journal,
  [direction]: { ...journal[direction], [step]: { ...workOf(journal[direction], step), ...change } },
})

/** The attempt at a step, where there is one, is known to be over. */
const over = (journal: Journal, direction: Direction, step: string | undefined): Journal =>
  step === undefined || workOf(journal[direction], step).attempt !== 'open'
    ? journal
    : withWork(journal, direction, step, { attempt: 'over' })

const finish = (journal: Journal, direction: Direction, step: string, finished: Work['finished']): Journal =>
  withWork(over(journal, direction, step), direction, step, { finished, error: undefined, goAhead: false })

/** A person has said to go on: failures are counted anew. */
function goOn(journal: Journal, direction: Direction, goAhead: boolean): Journal {
  const step = turnOf(journal, direction)
  return step === undefined ? journal : withWork(journal, direction, step, { failures: 0, goAhead })
}

const toUndo = (journal: Journal): Journal => ({
  ...journal,
  question: undefined,
  reason: '',
  pausing: undefined,
  cancelRequested: false,
  state: 'waiting',
  purpose: 'undo',
})

/** What all events of a run add up to. `read`: what an event means, where an older release has written it. */
export function replay(
  steps: readonly string[],
  events: readonly { at: Instant; event: RunEvent }[],
  read = (_journal: Journal, event: RunEvent): RunEvent => event,
): Journal {
  return events.reduce((journal, { at, event }) => next(journal, read(journal, event), at), emptyJournal(steps))
}
