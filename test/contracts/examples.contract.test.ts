import { describe, expect, test } from 'vitest'
import type { Example, Procedure } from '../../src/engine/procedure.ts'
import { procedures } from '../../src/procedures/index.ts'
import type { World } from '../../src/procedures/world.ts'
import { createStepBench, type ExampleOutcome } from '../builders/run-steps.ts'

// Every example of every procedure in the registry: planned, objected to or refused, as it says. A new one is in here without a line.

/** What an example says will come of it, before it is run. */
const expectedOf = ({ refused, preflight = 'holds' }: Example<World>): ExampleOutcome =>
  refused !== undefined
    ? { outcome: 'refused', says: refused }
    : preflight === 'holds'
      ? { outcome: 'planned', says: '' }
      : { outcome: 'objected', says: preflight.objects }

/** What comes otherwise than the example says; undefined where nothing does. */
async function otherwise(procedure: Procedure<World>, example: Example<World>): Promise<string | undefined> {
  const expected = expectedOf(example)
  if (expected.outcome !== 'planned' && expected.says === '') return `it does not say why it is ${expected.outcome}`
  const { outcome, says } = await createStepBench(example.faults).outcomeOf(procedure, example.input)
  return outcome === expected.outcome && says.includes(expected.says) ? undefined : `${outcome}: ${says}`
}

describe.each(procedures.map((procedure) => ({ name: procedure.name, procedure })))('$name', ({ procedure }) => {
  test.each(procedure.examples)('$name', async (example) => {
    expect(await otherwise(procedure, example)).toBeUndefined()
  })

  test('shows what can be run, and what is refused or objected to', () => {
    const outcomes = procedure.examples.map((example) => expectedOf(example).outcome)
    expect(outcomes).toContain('planned')
    expect(outcomes.some((outcome) => outcome !== 'planned')).toBe(true)
  })
})

describe('an example that says something else than what comes is told', () => {
  const outcomes = ['planned', 'objected', 'refused'] as const
  const all = procedures.flatMap((procedure) => procedure.examples.map((example) => ({ procedure, example })))
  const pairs = outcomes.flatMap((is) => outcomes.map((says) => ({ is, says }))).filter(({ is, says }) => is !== says)

  test.each(pairs)('$says, where it is $is', async ({ is, says }) => {
    const found = all.find(({ example }) => expectedOf(example).outcome === is)
    if (found === undefined) throw new Error(`no example is ${is}`)
    const { refused: _refused, preflight: _preflight, ...rest } = found.example
    const words = expectedOf(found.example).says || 'hot-tier'
    const lies = { planned: {}, objected: { preflight: { objects: words } }, refused: { refused: words } }[says]
    expect(await otherwise(found.procedure, { ...rest, ...lies })).toMatch(is)
  })

  test.each(['objected', 'refused'] as const)('%s, in other words or in none', async (is) => {
    const found = all.find(({ example }) => expectedOf(example).outcome === is)
    if (found === undefined) throw new Error(`no example is ${is}`)
    const lie = (words: string): Example<World> =>
      is === 'refused' ? { ...found.example, refused: words } : { ...found.example, preflight: { objects: words } }
    expect(await otherwise(found.procedure, lie('words that nobody says'))).toMatch(is)
    expect(await otherwise(found.procedure, lie(''))).toMatch(is)
  })
})
