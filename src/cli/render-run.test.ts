import { describe, expect, test } from 'vitest'
import { plannedPractice, runRecord } from '../../test/builders/practice-run.ts'
import { now } from '../../test/builders/readings.ts'
import type { RunDetail } from '../api/operator-nouns.ts'
import { RunState } from '../domain/run.ts'
import { Duration, Instant, Share } from '../domain/units.ts'
import { planStatus, renderPlan } from './render-plan.ts'
import { howText, nextLines, progressText, renderRun, runStatus, transcriptLines, undoLines } from './render-run.ts'

const terminal = { colours: false, columns: 100 }
const ago = (milliseconds: number) => Instant.parse(now - milliseconds)

const detail = (change: Partial<RunDetail> = {}): RunDetail => ({
  run: runRecord({ state: 'asking', share: 0.5, reason: 'see below', createdAt: ago(60_000) }),
  outlook: plannedPractice().outlook,
  steps: plannedPractice().steps.map((step, index) => ({
    ...step,
    state: index === 0 ? 'done' : 'failed',
    begunAt: ago(50_000),
    ...(index === 0
      ? { finishedAt: ago(30_000), result: { mark: 'a' }, how: 'run' as const }
      : { error: 'n1 said no' }),
    attempts: index + 1,
  })),
  children: [],
  question: { text: 'Somebody else has left this mark.', choices: ['look-again', 'undo'] },
  cancelRequested: false,
  ...change,
})

test('a plan shows what it endangers, every command by host, what cannot be undone, and the verdict', () => {
  expect(renderPlan(plannedPractice(), terminal).join('\n')).toMatchInlineSnapshot(`
    "Practise on n1  (practice, class change)

    takes        about 20 s
    endangers    Nothing: it leaves a mark in a folder of the agent.
    no way back  Say that it is over: what was said was said
    locks        practice:n1

    Steps
    1. Leave a mark on n1  (about 20 s)
       n1$ practice-mark run-1 (20 s)
       undo: Take the mark away
         n1$ practice-unmark run-1
    2. Say that it is over
       no way back: what was said was said

    Before it starts
      holds    n1 answers: it answered in 2 ms

    It can start."
  `)
})

test('a run shows its question with every answer, its steps with times and results, and who asked for it', () => {
  expect(renderRun(detail(), now, terminal).join('\n')).toMatchInlineSnapshot(`
    "asking  Practise on n1  50 %

    It asks
      Somebody else has left this mark.
      tiercel runs answer 01920000-0000-7000-8000-000000000001 look-again   look anew, and go on by what is seen then
      tiercel runs answer 01920000-0000-7000-8000-000000000001 undo   take back what was done, last step first

      ✓ Leave a mark on n1  20 s
          result: {"mark":"a"}
      ✗ Say that it is over  50 s  (attempt 2)
          n1 said no

    practice 01920000-0000-7000-8000-000000000001, asked for by olga at 2026-11-23 07:59 UTC; 60 s so far"
  `)
})

test('a plan whose preflight objects, or is not known, cannot start, and the status says which', () => {
  const holds = { title: 'a', verdict: 'holds', says: '' } as const
  const unknown = { title: 'b', verdict: 'unknown', says: 'n1 does not answer' } as const
  const objection = { title: 'c', verdict: 'objection', says: 'it resilvers' } as const
  expect([[holds], [holds, unknown], [unknown, objection]].map(planStatus)).toEqual([0, 3, 1])
  const shown = renderPlan(plannedPractice({ preflight: [unknown, objection] }), terminal).join('\n')
  expect(shown).toContain('UNKNOWN  b: n1 does not answer')
  expect(shown).toContain('It cannot start')
})

describe('every state of a run', () => {
  test.each(RunState.options)('%s has an exit status, and is 0 only when it succeeded', (state) => {
    expect([0, 1, 3]).toContain(runStatus(state))
    expect(runStatus(state) === 0).toBe(state === 'succeeded')
    expect(nextLines(runRecord({ state })).every((line) => line === '' || line.includes('tiercel runs '))).toBe(true)
  })
})

test('a plan that a freeze holds back says so, and how that ends', () => {
  const heldBack = { reason: 'frozen by olga: not today; to end that: tiercel unfreeze', until: null }
  const shown = renderPlan(plannedPractice({ heldBack }), terminal).join('\n')
  expect(shown).toContain('Nothing objects, but it is held back now: frozen by olga')
  expect(shown).not.toContain('It can start.')
})

test('what a run has failed of is told once, by its step', () => {
  const failed = detail({
    run: runRecord({ state: 'failed', reason: '"Say that it is over": n1 said no' }),
    question: undefined,
  })
  expect(renderRun(failed, now, terminal).join('\n').split('n1 said no')).toHaveLength(2)
  // The control: what no step says is told as it is.
  const other = { ...failed, run: runRecord({ state: 'failed', reason: 'not begun: n1 is gone' }) }
  expect(renderRun(other, now, terminal).join('\n')).toContain('not begun: n1 is gone')
})

test.each([
  ['was so already', 0, 'undo'],
  ['found done, by looking again', 1, 'undo'],
  ['', 0, 'nothing'],
] as const)('how a step came to be done by a look: %s', (says, attempts, kind) => {
  expect(howText({ how: 'look', attempts, undo: { kind, says: '', commands: [] } })).toBe(says)
  expect(howText({ how: 'run', attempts, undo: { kind, says: '', commands: [] } })).toBe('')
})

test('an undo shows what it takes back, the last first, and what stays', () => {
  expect(undoLines(detail()).join('\n')).toMatchInlineSnapshot(`
    "To take back of "Practise on n1", the last first:
      Say that it is over: nothing; what was said was said
      Take the mark away
        n1$ practice-unmark run-1
    "
  `)
})

test('a run that has succeeded can be taken back where a step has a way back', () => {
  const done = runRecord({ state: 'succeeded' })
  expect(renderRun(detail({ run: done, question: undefined }), now, terminal).join('\n')).toContain('tiercel runs undo')
  expect(nextLines(done)).toEqual([])
})

test('progress is told once: not the share beside its own words', () => {
  expect(progressText({ share: Share.parse(0.5), timeLeft: Duration.parse(3000) })).toBe('50 %, 3 s left')
  expect(progressText({ share: Share.parse(0.5), text: '50 % of 3 files' })).toBe('50 % of 3 files')
})

test('what a program has printed steers no terminal', () => {
  const evil = '\u001b[2J'
  const line = { host: 'n1', command: `zpool ${evil}`, at: now, took: Duration.parse(10), exitCode: 1 }
  const shown = transcriptLines([{ ...line, stdout: `a${evil}\nb`, stderr: 'no', sequence: 1, step: 's' }], terminal)
  expect(shown.join('\n')).not.toContain('\u001b')
  expect(shown.slice(1)).toEqual([
    '  2026-11-23T08:00:00.000Z, 10 ms, exit status 1, step s',
    '  | a\\x1b[2J',
    '  | b',
    '  | stderr: no',
  ])
})

test.each([
  ['not begun: the mark k is there already', false],
  ['"Leave a mark": no room', true],
])(
  'a run that has failed offers to take back what it has done, and nothing where it was not begun: %s',
  (reason, is) => {
    expect(nextLines(runRecord({ state: 'failed', reason })).some((line) => line.includes('runs undo'))).toBe(is)
  },
)
