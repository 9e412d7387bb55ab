import { describe, expect, it } from 'vitest'
import type { Step } from '../../src/engine/step.ts'
import { practice } from '../../src/procedures/practice/practice.ts'
import type { World } from '../../src/procedures/world.ts'
import { seconds } from '../../src/domain/units.ts'
import { hostOf } from '../../src/sim/lookup.ts'
import { createStepBench } from '../builders/run-steps.ts'

async function prepared(input: Record<string, unknown> = {}, faults: readonly string[] = []) {
  const bench = createStepBench(faults)
  const plan = await bench.plan(practice, { host: 'n1', seconds: 10, ...input })
  const steps = practice.steps(plan)
  const step = (id: string): Step<World> => {
    const found = steps.find((one) => one.id === id)
    if (found === undefined) throw new Error(`no step ${id}`)
    return found
  }
  return { ...bench, bench, plan, steps, step, host: hostOf(bench.world, 'n1').changing }
}

describe('practice', () => {
  it('leaves two marks, sees them, and takes them away again', async () => {
    const { run, look, undo, lookAtUndo, steps, step, host, count } = await prepared()
    expect(steps.map(({ id }) => id)).toEqual(['mark-a', 'mark-b', 'check'])
    // The last step only looks: it is done as soon as the marks are there.
    for (const one of [step('mark-a'), step('mark-b')]) {
      expect(await look(step('check'))).toMatchObject({ state: 'absent' })
      expect(await look(one)).toMatchObject({ state: 'absent' })
      const result = await run(one)
      expect(await look(one)).toEqual({ state: 'done', result })
    }
    expect(await look(step('check'))).toMatchObject({ state: 'done' })
    expect(host.marks.map(({ mark }) => mark)).toEqual(['practice-a', 'practice-b'])
    for (const id of ['mark-b', 'mark-a']) {
      expect(await lookAtUndo(step(id))).toMatchObject({ state: 'absent' })
      await undo(step(id))
      expect(await lookAtUndo(step(id))).toMatchObject({ state: 'done' })
    }
    expect(host.marks).toEqual([])
    expect([count('practice mark left'), count('practice mark removed')]).toEqual([2, 2])
  })

  it('sees that its mark is being left, and that its undo waits for that', async () => {
    const { begin, look, lookAtUndo, undo, step, procedures, host, count } = await prepared()
    const { operation } = begin(step('mark-a'))
    await procedures.host('n1').changes.submit(operation, {
      kind: 'practice-mark',
      mark: 'practice-a',
      takes: seconds(10),
      fails: false,
    })
    expect(await look(step('mark-a'))).toMatchObject({ state: 'running' })
    expect(await lookAtUndo(step('mark-a'))).toMatchObject({ state: 'absent' })
    await undo(step('mark-a'))
    expect(host.marks).toEqual([])
    expect(count('practice mark left')).toBe(0)
  })

  it('does not take the mark of somebody else for its own, nor takes it away', async () => {
    const { begin, look, lookAtUndo, step, host } = await prepared()
    host.marks.push({ mark: 'practice-a', operation: 'another' })
    expect(await look(step('mark-a'))).toMatchObject({ state: 'foreign' })
    begin(step('mark-a'))
    expect(await look(step('mark-a'))).toMatchObject({ state: 'foreign' })
    expect(await lookAtUndo(step('mark-a'))).toMatchObject({ state: 'foreign' })
  })

  it('leaves nothing where it fails half-way, and undoes what an earlier attempt of the step has left', async () => {
    const { run, begin, look, lookAtUndo, undo, step, host } = await prepared({ fail: true })
    await expect(run(step('mark-b'))).rejects.toThrow('half-way')
    expect(await look(step('mark-b'))).toMatchObject({ state: 'absent' })
    const { operation } = begin(step('mark-b'))
    host.marks.push({ mark: 'practice-b', operation })
    begin(step('mark-b'))
    expect(await lookAtUndo(step('mark-b'))).toMatchObject({ state: 'absent' })
    await undo(step('mark-b'))
    expect(host.marks).toEqual([])
  })

  it('asks where it is told to, and is done when a person has said to run it', async () => {
    const { run, look, step } = await prepared({ ask: true })
    expect(await look(step('ask'))).toMatchObject({ state: 'unknown' })
    await run(step('ask'))
    expect(await look(step('ask'))).toEqual({ state: 'done', result: null })
  })

  it('says that a mark is gone when it checks', async () => {
    const { run, step, host } = await prepared()
    await run(step('mark-a'))
    await run(step('mark-b'))
    host.marks.pop()
    await expect(run(step('check'))).rejects.toThrow('practice-b')
  })

  it('objects to marks that are there, but not when it goes on', async () => {
    const { preflight, bench, plan, host } = await prepared()
    expect((await preflight(practice, plan)).map(({ verdict }) => verdict)).toEqual(['holds', 'holds'])
    host.marks.push({ mark: 'practice-b', operation: 'another' })
    expect((await preflight(practice, plan)).map(({ verdict }) => verdict)).toEqual(['holds', 'objection'])
    expect((await bench.preflight(practice, plan, true)).map(({ verdict }) => verdict)).toEqual(['holds', 'holds'])
  })
})
