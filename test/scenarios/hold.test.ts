import { describe, expect, it } from 'vitest'
import { hold } from '../../src/procedures/hold/hold.ts'
import { hostOf, poolOf } from '../../src/sim/lookup.ts'
import { runProgram } from '../../src/sim/sim-programs.ts'
import { createStepBench } from '../builders/run-steps.ts'

const dataset = 'cold-tier/ipfs-cluster'

async function prepared(input: Record<string, unknown> = {}) {
  const bench = createStepBench()
  const plan = await bench.plan(hold, { host: 'n2', store: 'cold', ...input })
  const [step] = hold.steps(plan)
  if (step === undefined) throw new Error('no step')
  const host = hostOf(bench.world, 'n2')
  const { snapshots } = poolOf(host, 'cold-tier')
  const zfs = (...args: string[]) => runProgram(bench.world, host, { file: 'zfs', args, by: '' })
  return { ...bench, plan, step, snapshots, zfs, tags: () => snapshots.map(({ holds }) => holds.map(({ tag }) => tag)) }
}

describe('holding the snapshots of a store', () => {
  it('holds them all under the id of its operation, and undone takes its own tags away and no other', async () => {
    const { run, look, undo, lookAtUndo, step, tags, count } = await prepared()
    expect(await look(step)).toEqual({ state: 'absent' })
    expect(await run(step)).toEqual({ held: 3 })
    const ours = expect.stringMatching(/^tiercel-[0-9a-f-]{36}$/)
    expect(tags()).toEqual([[ours], [ours], ['backup', ours]])
    expect(await lookAtUndo(step)).toEqual({ state: 'absent' })
    await undo(step)
    expect(tags()).toEqual([[], [], ['backup']])
    expect(await lookAtUndo(step)).toMatchObject({ state: 'done' })
    expect([count('snapshot held'), count('snapshot released')]).toEqual([3, 3])
  })

  it('takes back what was held where only a part could be: several holds are not one', async () => {
    const { run, undo, look, lookAtUndo, step, snapshots, tags, zfs, begin } = await prepared()
    const [first, second] = snapshots
    if (first === undefined || second === undefined) throw new Error('no snapshots')
    // As a command that was cut off in its middle leaves it.
    const { operation } = begin(step)
    zfs('hold', `tiercel-${operation}`, first.name)
    expect(await look(step)).toEqual({ state: 'absent' })
    expect(await lookAtUndo(step)).toEqual({ state: 'absent' })
    await undo(step)
    expect(tags()).toEqual([[], [], ['backup']])
    // Run again, under another id, the part of before is ours too.
    zfs('hold', `tiercel-${operation}`, second.name)
    await run(step)
    expect(tags().map((all) => all.length)).toEqual([1, 2, 2])
    await undo(step)
    expect(tags()).toEqual([[], [], ['backup']])
  })

  it('is taken back after more attempts than one operation takes words', async () => {
    const { run, undo, lookAtUndo, step, tags, begin } = await prepared()
    for (let attempt = 0; attempt < 24; attempt += 1) begin(step)
    await run(step)
    await undo(step)
    expect(tags()).toEqual([[], [], ['backup']])
    expect(await lookAtUndo(step)).toMatchObject({ state: 'done' })
  })

  it('objects where a snapshot is gone or was made anew, and holds nothing of another guid', async () => {
    const { preflight, plan, run, step, snapshots, tags } = await prepared()
    const [first] = snapshots
    if (first === undefined) throw new Error('no snapshot')
    first.guid = '7'
    expect(await preflight(hold, plan)).toMatchObject([{ verdict: 'objection', says: 'gone, or made anew: daily-1' }])
    await expect(run(step)).rejects.toThrow('has the guid 7')
    expect(tags()).toEqual([[], [], ['backup']])
  })

  it('shows the commands that are run, and names snapshots by the words of the policy', async () => {
    const { step } = await prepared({ matching: '*-3' })
    expect(step.commands.map(({ command }) => command)).toEqual([
      `zfs list -H -p -t snapshot -o name,guid ${dataset}@daily-3`,
      `zfs hold tiercel-OPERATION ${dataset}@daily-3`,
      `zfs holds -H ${dataset}@daily-3`,
    ])
  })

  it('is one step for twenty snapshots', async () => {
    const bench = createStepBench()
    const { snapshots } = poolOf(hostOf(bench.world, 'n2'), 'cold-tier')
    const [first] = snapshots
    if (first === undefined) throw new Error('no snapshot')
    for (let count = 4; count <= 41; count += 1) {
      snapshots.push({
        ...first,
        name: `${dataset}@daily-${count}`,
        guid: String(count),
        createtxg: 1000 * count,
        holds: [],
      })
    }
    const steps = hold.steps(await bench.plan(hold, { host: 'n2', store: 'cold' }))
    expect(steps.map(({ title }) => title)).toHaveLength(3)
    for (const step of steps) await bench.run(step)
    expect(bench.count('snapshot held')).toBe(41)
  })
})
