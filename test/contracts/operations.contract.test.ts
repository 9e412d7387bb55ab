import { describe, expect, test } from 'vitest'
import { excludes } from '../../src/domain/subject.ts'
import { commandTexts } from '../../src/operations/operation.ts'
import { everythingAllowed, judgeByPolicy } from '../../src/operations/policy.ts'
import { KnownOperation, operationKinds, operations, scopeKindsOf } from '../../src/operations/registry.ts'
import { createWorld } from '../../src/sim/create-world.ts'
import { hostOf } from '../../src/sim/lookup.ts'
import { runProgram } from '../../src/sim/sim-programs.ts'

test('every kind is there once', () => {
  expect(new Set(operationKinds).size).toBe(operations.length)
})

describe.each(operations.map((one) => [one.kind, one] as const))('%s', (_, one) => {
  const { kind, example } = one

  test('is understood as it is told, with its keys in one order, and with nothing missing or beside it', () => {
    const shuffled = Object.fromEntries(Object.entries(example).toReversed())
    expect(JSON.stringify(KnownOperation.parse(shuffled))).toBe(JSON.stringify(example))
    expect(KnownOperation.safeParse({ ...example, args: ['-f'] }).success).toBe(false)
    for (const word of Object.keys(example).filter((key) => key !== 'kind')) {
      const { [word]: _gone, ...rest } = example
      expect(KnownOperation.safeParse(rest).success, `without ${word}`).toBe(false)
    }
  })

  test('tells what it is about, what it works on, and what its results mean', () => {
    expect([one.about, one.results].every((text) => text !== '')).toBe(true)
    expect(one.subjects(example).length).toBeGreaterThan(0)
    expect(one.subjects(example).every((subject) => excludes(subject, subject) && !subject.includes('\n'))).toBe(true)
    expect(scopeKindsOf(one).length > 0).toBe(one.by !== 'harmless')
  })

  test('is refused until a policy names it, and allowed by one that does', () => {
    const view = { file: 'p', isThere: true, mode: 'operate', modeLine: 1 } as const
    const lines = everythingAllowed().map((line) => ({ ...line, line: 2 }))
    expect(judgeByPolicy({ ...view, allow: [] }, example).isAllowed).toBe(one.by === 'harmless')
    expect(judgeByPolicy({ ...view, allow: lines }, example).isAllowed).toBe(true)
    const others = lines.map((line) => ({ ...line, operations: line.operations.filter((word) => word !== kind) }))
    expect(judgeByPolicy({ ...view, allow: others }, example).isAllowed).toBe(one.by === 'harmless')
  })

  test.skipIf(one.by !== 'root')(
    'has a program on simulated hosts for all that it runs (skipped where root does nothing)',
    () => {
      if (one.by !== 'root') return
      expect(commandTexts(one, example).length).toBeGreaterThan(0)
      const world = createWorld({ pins: 1 })
      const all = [...one.guard.looks(example), ...one.commands(example, 'id'), ...(one.reads?.(example, 'id') ?? [])]
      for (const command of all) {
        const ended = runProgram(world, hostOf(world, 'n2'), { ...command, by: '' })
        // It may well be refused, as nothing of the example is there; but not for a word that it does not know.
        expect(ended === 'hangs' ? '' : ended.stderr).not.toMatch(/unrecognized command|command not found/)
      }
    },
  )
})

test('what no registry knows is refused with what there is', () => {
  const read = KnownOperation.safeParse({ kind: 'pool-destroy', pool: 'hot-tier' })
  expect(read.error?.issues[0]?.message).toContain('there is no operation pool-destroy; there are: scrub-start')
})
