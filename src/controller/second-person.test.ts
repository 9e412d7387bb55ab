import { expect, test } from 'vitest'
import { runRecord } from '../../test/builders/practice-run.ts'
import { now } from '../../test/builders/readings.ts'
import type { ControllerTransaction } from '../domain/ports/controller-store.ts'
import type { FirstWord } from '../domain/ports/first-words.ts'
import type { Role } from '../domain/role.ts'
import type { ApprovalRule } from '../domain/settings-of.ts'
import { hours, Instant } from '../domain/units.ts'
import { insistOnTwo } from './second-person.ts'

const run = runRecord({ state: 'succeeded' })
const rule: ApprovalRule = { procedure: 'practice', roles: ['admin'], expires: hours(1), for: ['undo', 'answer'] }

/** What comes of words that are said one after the other. */
function bench() {
  const words = new Map<string, FirstWord>()
  const firstWords = {
    of: async () => [...words.values()],
    put: async (word: FirstWord) => void words.set(word.action, word),
    remove: async (_: string, action: string) => void words.delete(action),
  }
  return async (
    person: string,
    actions: readonly FirstWord['action'][],
    {
      of = run,
      choice = '',
      role = 'admin',
      at = 0,
      by = rule,
    }: {
      of?: typeof run
      choice?: string
      role?: Role
      at?: number
      by?: ApprovalRule | undefined
    } = {},
  ): Promise<string> =>
    insistOnTwo(
      // "as": nothing else is asked.
      { transaction: async (work) => work({ firstWords } as unknown as ControllerTransaction) },
      {
        run: of,
        actions,
        choice,
        caller: { name: person, person, isPersonKnown: person !== 'old', role },
        now: Instant.parse(now + at),
      },
      by,
    ).then(
      () => 'done',
      (error: Error) => error.name,
    )
}

test('the second person who asks for the same has it done; one alone does not, however often', async () => {
  const say = bench()
  expect(await say('olga', ['undo'])).toBe('SecondPersonNeeded')
  expect(await say('olga', ['undo'])).toBe('SecondPersonNeeded')
  expect(await say('pete', ['undo'])).toBe('done')
  // It was used up.
  expect(await say('pete', ['undo'])).toBe('SecondPersonNeeded')
})

test('what no rule names is done by one', async () => {
  const say = bench()
  expect(await say('olga', ['resume'])).toBe('done')
  expect(await say('olga', ['undo'], { by: { ...rule, for: ['start'] } })).toBe('done')
})

test('a token of which nobody knows whose it is is neither the first person nor the second', async () => {
  const say = bench()
  expect(await say('old', ['undo'])).toBe('NotAllowed')
  expect(await say('olga', ['undo'])).toBe('SecondPersonNeeded')
  expect(await say('old', ['undo'])).toBe('NotAllowed')
  expect(await say('old', ['resume'])).toBe('done')
  expect(await say('pete', ['undo'])).toBe('done')
})

test('the second must have a role of the rule', async () => {
  const say = bench()
  expect(await say('olga', ['undo'], { role: 'operator' })).toBe('SecondPersonNeeded')
  expect(await say('pete', ['undo'], { role: 'operator' })).toBe('NotAllowed')
  expect(await say('pete', ['undo'])).toBe('done')
})

test.each([
  ['another plan', { of: { ...run, planHash: 'b'.repeat(64) } }],
  ['a run that has gone on since', { of: { ...run, version: run.version + 1 } }],
  ['another answer', { choice: 'run' }],
  ['a word that is too old', { at: hours(1) + 1 }],
])('%s: the first word does not count for it', async (_, other) => {
  const say = bench()
  expect(await say('olga', ['answer'], { choice: 'look-again' })).toBe('SecondPersonNeeded')
  expect(await say('pete', ['answer'], { choice: 'look-again', ...other })).toBe('SecondPersonNeeded')
})

test('to answer with undo is to ask for the undo', async () => {
  const say = bench()
  const by: ApprovalRule = { ...rule, for: ['undo'] }
  expect(await say('olga', ['answer', 'undo'], { by })).toBe('SecondPersonNeeded')
  expect(await say('olga', ['answer'], { by })).toBe('done')
})
