import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeId } from '../domain/make-id.ts'
import { Instant } from '../domain/units.ts'
import { IllegalTransition } from './errors.ts'
import type { RunEvent } from './events.ts'
import { currentStep, emptyJournal, freesLocks, isInFlight, type Journal, stepToUndo, workOf } from './journal.ts'
import { next, replay } from './transition.ts'

const at = Instant.parse(1_000_000)
const id = (number: number) => makeId(Instant.parse(number))
const steps = ['a', 'b', 'c']
const after = (...events: RunEvent[]): Journal =>
  replay(
    steps,
    events.map((event) => ({ at, event })),
  )

const started: RunEvent = { kind: 'started', by: 'me' }
const locked: RunEvent = { kind: 'locks-taken' }
const begun = (step: string, number = 1): RunEvent => ({ kind: 'step-begun', step, operation: id(number) })
const finished = (step: string, how: 'run' | 'look' = 'run'): RunEvent => ({
  kind: 'step-finished',
  step,
  result: null,
  how,
})
const undone = (step: string): RunEvent => ({ kind: 'undo-finished', step, how: 'look' })
const failed = (step: string, operationIsOver = true): RunEvent => ({
  kind: 'step-failed',
  step,
  error: 'no',
  remedy: 'retry',
  operationIsOver,
})

test('goes through its steps in their order, and succeeds when all have finished', () => {
  const events = [started, locked, begun('a'), finished('a'), finished('b', 'look'), begun('c'), finished('c')]
  expect(after(...events).state).toBe('running')
  expect(after(...events, { kind: 'succeeded' }).state).toBe('succeeded')
})

test.each<[string, RunEvent[]]>([
  ['a step before the start', [begun('a')]],
  ['a step without its locks', [started, begun('a')]],
  ['the second step before the first', [started, locked, begun('b')]],
  ['an end of what was never begun', [started, locked, finished('a')]],
  ['a second attempt while the first may still work', [started, locked, begun('a'), begun('a', 2)]],
  [
    'a second attempt after a failure that may still work',
    [started, locked, begun('a'), failed('a', false), begun('a', 2)],
  ],
  ['a success with a step left', [started, locked, begun('a'), finished('a'), { kind: 'succeeded' }]],
  ['a stop that nobody has asked for', [started, locked, { kind: 'stopped', reason: '' }]],
  ['a pause in the middle of a step', [started, locked, begun('a'), { kind: 'paused', reason: '' }]],
  [
    'an answer that was not offered',
    [
      started,
      locked,
      { kind: 'asked', question: '?', choices: ['leave'] },
      { kind: 'answered', choice: 'run', by: 'me' },
    ],
  ],
  [
    'a stop while an attempt may still work, also after a failure',
    [
      started,
      locked,
      begun('a'),
      failed('a', false),
      { kind: 'cancel-requested', by: 'me' },
      { kind: 'stopped', reason: '' },
    ],
  ],
  ['an end while an attempt may still work', [started, locked, begun('a'), { kind: 'failed', error: 'no' }]],
  [
    'that what may still work is left without a word of it',
    [started, locked, begun('a'), { kind: 'asked', question: '?', choices: ['leave'] }, { kind: 'left', by: 'me' }],
  ],
  [
    'that a pause that has not come about is taken for one',
    [
      started,
      locked,
      begun('a'),
      { kind: 'pause-begun', step: 'a', operation: id(2) },
      { kind: 'asked', question: '?', choices: ['leave'] },
      { kind: 'cancel-requested', by: 'me' },
      { kind: 'stopped', reason: '' },
    ],
  ],
  ['anything after it was left', [{ kind: 'left', by: 'me' }, started]],
  ['a second start', [started, started]],
])('refuses %s', (_, events) => {
  expect(() => after(...events)).toThrow(IllegalTransition)
})

test('a second attempt needs a new id once the first is known to be over', () => {
  const journal = after(started, locked, begun('a'), failed('a', true), begun('a', 2))
  expect(workOf(journal.forwards, 'a').operations).toHaveLength(2)
})

test('what was paused in its middle goes on with a new operation', () => {
  const paused: RunEvent[] = [
    started,
    locked,
    begun('a'),
    { kind: 'pause-begun', step: 'a', operation: id(2) },
    { kind: 'paused', reason: 'its window has ended' },
    { kind: 'woken' },
    locked,
  ]
  expect(workOf(after(...paused).forwards, 'a').attempt).toBe('over')
  expect(after(...paused, begun('a', 3)).state).toBe('running')
})

test('a new attempt has no old error, and is in flight until it is known to be over', () => {
  const again = [started, locked, begun('a'), failed('a'), begun('a', 2)]
  expect(workOf(after(...again).forwards, 'a')).toMatchObject({ attempt: 'open', error: undefined })
  expect(isInFlight(after(started, locked, begun('a'), failed('a')))).toBe(false)
  expect(isInFlight(after(...again))).toBe(true)
  expect(isInFlight(after(...again, failed('a', false)))).toBe(true)
  expect(isInFlight(after(...again, finished('a')))).toBe(false)
})

test('what may be under way is left only by an answer that says so', () => {
  const asking: RunEvent[] = [
    started,
    locked,
    begun('a'),
    { kind: 'asked', question: '?', choices: ['look-again', 'leave'] },
  ]
  expect(after(...asking).question?.choices).toEqual(['look-again', 'leave-at-work'])
  const left = after(...asking, { kind: 'answered', choice: 'leave-at-work', by: 'me' })
  expect(left.state).toBe('left')
  expect(freesLocks(left)).toBe(true)
  expect(freesLocks(after(...asking))).toBe(false)
})

test('undo goes backwards, over what was begun by us only, the half-done step first', () => {
  const stopped: RunEvent[] = [
    started,
    locked,
    begun('a'),
    finished('a'),
    finished('b', 'look'),
    begun('c'),
    failed('c'),
    { kind: 'failed', error: 'no' },
    { kind: 'undo-requested', by: 'me' },
    locked,
  ]
  expect(stepToUndo(after(...stopped))).toBe('c')
  // b was seen to be done already: it is somebody else's.
  expect(stepToUndo(after(...stopped, undone('c')))).toBe('a')
  expect(() => after(...stopped, undone('a'))).toThrow(IllegalTransition)
  expect(() => after(...stopped, undone('c'), { kind: 'undone' })).toThrow(IllegalTransition)
  expect(after(...stopped, undone('c'), undone('a'), { kind: 'undone' }).state).toBe('undone')
})

const step = fc.constantFrom(...steps)
const operation = fc.nat(1000).map(id)
const anyEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.constantFrom<RunEvent>(
    started,
    locked,
    { kind: 'woken' },
    { kind: 'undone' },
    { kind: 'succeeded' },
    { kind: 'paused', reason: '' },
    { kind: 'stopped', reason: '' },
    { kind: 'failed', error: '' },
    { kind: 'cancel-requested', by: '' },
    { kind: 'resumed', by: '' },
    { kind: 'undo-requested', by: '' },
    { kind: 'left', by: '' },
    { kind: 'asked', question: '', choices: ['look-again', 'run', 'undo', 'leave'] },
    { kind: 'answered', choice: 'look-again', by: '' },
    { kind: 'answered', choice: 'undo', by: '' },
    { kind: 'answered', choice: 'leave-at-work', by: '' },
  ),
  fc.record({ kind: fc.constant('step-begun' as const), step, operation }),
  fc.record({
    kind: fc.constant('step-finished' as const),
    step,
    result: fc.constant(null),
    how: fc.constantFrom('run' as const, 'look' as const),
  }),
  fc.record({
    kind: fc.constant('step-failed' as const),
    step,
    error: fc.constant(''),
    remedy: fc.constant('retry' as const),
    operationIsOver: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('pause-begun' as const), step, operation }),
  fc.record({ kind: fc.constant('undo-begun' as const), step, operation }),
  fc.record({
    kind: fc.constant('undo-finished' as const),
    step,
    how: fc.constantFrom('run' as const, 'look' as const),
  }),
)

function faultsOf(before: Journal, event: RunEvent, now: Journal): string[] {
  const done = steps.map((one) => workOf(now.forwards, one).finished !== undefined)
  const work = event.kind === 'step-begun' ? workOf(before.forwards, event.step) : undefined
  const rules = {
    'finished steps are the first ones': done.every(
      (isDone, index) => !isDone || index === 0 || done[index - 1] === true,
    ),
    'nothing is begun while an attempt may still work': work === undefined || work.attempt !== 'open',
    'a success has no step left': now.state !== 'succeeded' || currentStep(now) === undefined,
    'an undone run has nothing left to undo': now.state !== 'undone' || stepToUndo(now) === undefined,
    'locks are let go only where nothing is under way, or by a word that says so':
      !freesLocks(now) || !isInFlight(now) || (event.kind === 'answered' && event.choice === 'leave-at-work'),
    'what is over stays over': before.state !== 'left' && before.state !== 'undone',
  }
  return Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [rule]))
}

test('whatever it is told, it only ever becomes a journal that could be', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
      let journal = emptyJournal(steps)
      const faults: string[] = []
      for (const event of events) {
        const before = journal
        try {
          journal = next(journal, event, at)
        } catch (error) {
          if (!(error instanceof IllegalTransition)) faults.push(String(error))
          continue
        }
        faults.push(...faultsOf(before, event, journal))
      }
      expect(faults).toEqual([])
    }),
    { numRuns: 2000 },
  )
})
