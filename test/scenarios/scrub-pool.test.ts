import { describe, expect, it } from 'vitest'
import { hours, minutes, seconds } from '../../src/domain/units.ts'
import type { Begun, Step } from '../../src/engine/step.ts'
import { judgeScrub } from '../../src/procedures/scrub/look.ts'
import { scrubPool } from '../../src/procedures/scrub/scrub-pool.ts'
import type { World } from '../../src/procedures/world.ts'
import { applyFault, mendFault } from '../../src/sim/faults/index.ts'
import { hostOf, poolOf, storeOf } from '../../src/sim/lookup.ts'
import { pinsetOf, putPin, pinsOf } from '../../src/sim/pinset.ts'
import type { OperationState } from '../../src/domain/operation.ts'
import { loseOperations } from '../../src/sim/sim-agent.ts'
import { runZpool } from '../../src/sim/sim-zpool.ts'
import { createStepBench, operationId } from '../builders/run-steps.ts'

async function prepared(pool = 'hot-tier', faults: readonly string[] = [], input: Record<string, unknown> = {}) {
  const bench = createStepBench(faults)
  const plan = await bench.plan(scrubPool, { host: 'n2', pool, ...input })
  const steps = scrubPool.steps(plan)
  const step = (id: string): Step<World> => {
    const found = steps.find((one) => one.id === id)
    if (found === undefined) throw new Error(`no step ${id}`)
    return found
  }
  const host = hostOf(bench.world, 'n2')
  const by = (...args: string[]) => runZpool(bench.world, host, ['scrub', ...args, pool], '')
  return { ...bench, bench, plan, steps, step, host, pool: poolOf(host, pool), by, scrub: step('scrub') }
}

describe('the scrub of one pool', () => {
  it('notes, scrubs to the end, and says that all is whole', async () => {
    const { run, look, step, scrub, count, said } = await prepared()
    await run(step('note'))
    expect(await look(scrub)).toMatchObject({ state: 'absent' })
    const result = await run(scrub)
    expect(result).toMatchObject({ kind: 'scrub', state: 'finished', errors: 0 })
    expect(await look(scrub)).toEqual({ state: 'done', result })
    expect(await run(step('verify'))).toMatchObject({
      isWhole: true,
      summary: expect.stringContaining('all of it is whole'),
    })
    expect(count('scrub started')).toBe(1)
    expect(said.some((text) => / of /.test(text))).toBe(true)
  })

  it('goes on after a pause of ours where it was, and does not begin anew', async () => {
    const { run, begin, look, pause, pass, step, scrub, clock, world, count, procedures, plan } = await prepared()
    await run(step('note'))
    await pass(submitStart(procedures, plan, begin(scrub)))
    clock.advance(hours(1))
    expect(await look(scrub)).toMatchObject({ state: 'running' })
    await pause(scrub)
    clock.advance(hours(5))
    expect(await look(scrub)).toMatchObject({ state: 'absent', says: expect.stringContaining('goes on') })
    const before = world.now
    await run(scrub)
    expect(world.now - before).toBeLessThan(hours(9))
    expect([count('scrub started'), count('scrub paused'), count('scrub resumed')]).toEqual([1, 1, 1])
  })

  it('still knows its own pause when the engine dies before it has resumed', async () => {
    const { run, begin, look, pause, pass, step, scrub, clock, procedures, plan } = await prepared()
    await run(step('note'))
    await pass(submitStart(procedures, plan, begin(scrub)))
    clock.advance(hours(1))
    await pause(scrub)
    clock.advance(seconds(1))
    // Begun, and never submitted.
    begin(scrub)
    expect(await look(scrub)).toMatchObject({ state: 'absent' })
  })

  it('asks where somebody else has paused or stopped it, and offers to go on', async () => {
    for (const flag of ['-p', '-s']) {
      const { run, begin, look, pass, step, scrub, clock, procedures, plan, by } = await prepared()
      await run(step('note'))
      await pass(submitStart(procedures, plan, begin(scrub)))
      clock.advance(minutes(30))
      by(flag)
      expect(await look(scrub)).toMatchObject({ state: 'foreign', offers: 'run' })
      await expect(run(scrub)).resolves.toMatchObject({ state: 'finished' })
    }
  })

  it('asks while it waits, when somebody stops it', async () => {
    const { run, step, scrub, clock, by } = await prepared()
    await run(step('note'))
    clock.after(minutes(20), () => by('-s'))
    await expect(run(scrub)).rejects.toMatchObject({ name: 'Meddled', remedy: 'ask' })
  })

  it('does not take a scrub for its own that somebody else has started', async () => {
    const { run, begin, look, pass, step, scrub, procedures, plan, by, lookAtUndo, count } = await prepared()
    await run(step('note'))
    by()
    expect(await look(scrub)).toMatchObject({ state: 'foreign' })
    // Ours comes a moment later, and finds it running.
    await pass(submitStart(procedures, plan, begin(scrub)))
    expect(await look(scrub)).toMatchObject({ state: 'foreign' })
    await expect(run(scrub)).rejects.toThrow('not by this run')
    expect(await lookAtUndo(scrub)).toMatchObject({ state: 'done' })
    expect(count('scrub started')).toBe(1)
  })

  it('waits while the host is away in the middle, and while its pool is not imported', async () => {
    const { run, step, scrub, clock, world, host, pool, said } = await prepared()
    await run(step('note'))
    clock.after(minutes(20), () => applyFault(world, 'agent-down'))
    clock.after(minutes(40), () => {
      mendFault(world, 'agent-down')
      pool.imported = false
    })
    clock.after(minutes(60), () => {
      pool.imported = true
    })
    expect(await run(scrub)).toMatchObject({ state: 'finished' })
    expect(host.agent).toBe('up')
    expect(said.some((text) => text.includes('nobody answers'))).toBe(true)
    expect(said.some((text) => text.includes('is not imported'))).toBe(true)
  })

  it('gives up on a host that stays away, by asking', async () => {
    const { run, step, scrub, clock, world } = await prepared()
    await run(step('note'))
    clock.after(minutes(20), () => applyFault(world, 'agent-down'))
    await expect(run(scrub)).rejects.toThrow('nobody answers')
    expect(world.now).toBeGreaterThan(hours(24))
  })

  it('asks when a resilver has taken its place', async () => {
    const { run, begin, look, pass, step, scrub, clock, procedures, plan, pool, world } = await prepared()
    await run(step('note'))
    await pass(submitStart(procedures, plan, begin(scrub)))
    clock.advance(minutes(10))
    pool.resilver = { startedAt: world.now, takes: hours(1) }
    expect(await look(scrub)).toMatchObject({
      state: 'foreign',
      says: expect.stringContaining('resilver'),
      offers: 'run',
    })
  })

  it('is stopped by undo as long as it has not ended, also when it was paused by us', async () => {
    const { run, begin, pause, pass, lookAtUndo, undo, step, scrub, clock, procedures, plan, count } = await prepared()
    await run(step('note'))
    await pass(submitStart(procedures, plan, begin(scrub)))
    clock.advance(minutes(10))
    expect(await lookAtUndo(scrub)).toMatchObject({ state: 'absent' })
    await pause(scrub)
    expect(await lookAtUndo(scrub)).toMatchObject({ state: 'absent' })
    await undo(scrub)
    expect(await lookAtUndo(scrub)).toMatchObject({ state: 'done' })
    expect(count('scrub stopped')).toBe(1)
  })

  it('has nothing to undo where nothing was submitted, and where it has ended', async () => {
    const { run, begin, lookAtUndo, step, scrub } = await prepared()
    await run(step('note'))
    begin(scrub)
    expect(await lookAtUndo(scrub)).toMatchObject({ state: 'done' })
    await run(scrub)
    expect(await lookAtUndo(scrub)).toMatchObject({ state: 'done' })
  })

  it('takes a scrub for its own whose agent has died under the command', async () => {
    const { run, begin, look, pass, step, scrub, procedures, plan, world, host, clock } = await prepared()
    await run(step('note'))
    host.changing.delay = 5000
    await pass(submitStart(procedures, plan, begin(scrub)))
    loseOperations(world, 'n2', { commandsGoOn: true })
    await pass(new Promise<void>((resolve) => void clock.after(seconds(20), resolve)))
    expect(await look(scrub)).toMatchObject({ state: 'running' })
  })

  it('says unreachable rather than unknown while nobody answers: it is tried again', async () => {
    const { run, look, step, scrub, world } = await prepared()
    await run(step('note'))
    applyFault(world, 'agent-down')
    await expect(look(scrub)).rejects.toMatchObject({ remedy: 'retry' })
  })

  it('names file, block and pin of what it finds, and has done its work', async () => {
    const { run, step, world, scrub } = await prepared('warm-tier', ['damage-unread'])
    const block = 'bafkreiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'
    const root = 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'
    const pinset = pinsetOf(world, storeOf(hostOf(world, 'n2'), 'warm'))
    const [some] = pinsOf(pinset)
    if (some === undefined) throw new Error('no pins')
    await run(step('note'))
    await run(scrub)
    const without = await run(step('verify'))
    expect(without).toMatchObject({
      isWhole: false,
      errors: 2,
      dataErrors: { now: 2, before: 0 },
      damage: { blocks: [block], pins: [], unclaimed: [block] },
      summary: expect.stringContaining('not known yet which pins'),
    })
    putPin(pinset, { ...structuredClone(some), cid: root })
    // The index of the store reads its lists again.
    world.now += minutes(2)
    expect(await run(step('verify'))).toMatchObject({
      damage: { pins: [{ store: 'n2/warm', cid: root, block }], unclaimed: [] },
      summary: expect.stringContaining(`${root} (n2/warm)`),
    })
  })

  it('shows the very commands that the executor builds', async () => {
    const { scrub } = await prepared()
    const look = 'zpool get -H -p -o property,value guid,health,readonly hot-tier'
    expect(shown(scrub.commands)).toEqual([look, 'zpool scrub hot-tier'])
    expect(shown(scrub.pause?.commands)).toEqual([look, 'zpool scrub -p hot-tier', 'zpool scrub -p hot-tier'])
    expect(shown(scrub.undo.kind === 'undo' ? scrub.undo.commands : [])).toEqual([look, 'zpool scrub -s hot-tier'])
  })

  it('locks the pool, the host and its tier, of which a tenth may be scrubbed at once', async () => {
    const { plan } = await prepared()
    expect(scrubPool.locks(plan)).toEqual([
      { key: 'pool:n2/hot-tier', capacity: 1 },
      { key: 'background:host:n2', capacity: 1 },
      { key: 'background:tier:hot', capacity: 1 },
    ])
  })

  it('does not object to its own scrub when it goes on', async () => {
    const { preflight, plan, by } = await prepared()
    by()
    expect(against(await preflight(scrubPool, plan))).toEqual([expect.stringContaining('somebody scrubs it already')])
    expect(against(await preflight(scrubPool, plan, true))).toEqual([])
  })

  it('objects to a pool that was made anew', async () => {
    const { preflight, plan, pool } = await prepared()
    pool.guid = '42'
    expect((await preflight(scrubPool, plan))[0]).toMatchObject({ verdict: 'objection' })
  })
})

describe('whose scrub it is, where the host has forgotten our operation', () => {
  const at = 1_795_413_600_000
  const begun: Begun = {
    at: at as Begun['at'],
    operation: operationId(at, 1),
    operations: [operationId(at, 1)],
    pauses: [],
    sincePause: [operationId(at, 1)],
  }
  const judge = (startedAt: number) => {
    const { status } = { status: statusWith(startedAt) }
    return judgeScrub({ target: { host: 'n1', pool: 'p' }, before: null, begun, states: [undefined], status }).state
  }

  it('goes by the time at which it began', () => {
    expect(judge(at + 5000)).toBe('running')
    expect(judge(at + hours(2))).toBe('foreign')
  })
})

describe('whose pause it is', () => {
  const at = 1_795_413_600_000
  const ids = [operationId(at, 1), operationId(at - hours(1), 2)] as const
  const scans = [{ kind: 'scrub', state: 'paused', startedAt: at + 1000, errors: null }]
  const status = { scans } as unknown as Parameters<typeof judgeScrub>[0]['status']
  const judge = (sincePause: Begun['sincePause']) =>
    judgeScrub({
      target: { host: 'n1', pool: 'p' },
      before: null,
      begun: {
        at: at as Begun['at'],
        operation: ids[1],
        operations: ids,
        pauses: [operationId(at + 1, 3)],
        sincePause,
      },
      states: [ended('started'), ended('started')],
      pause: ended('paused'),
      status,
    }).state

  it('goes by the order of the journal, also where the clock was set back before we went on with it', () => {
    expect(judge([ids[1]])).toBe('foreign')
    expect(judge([])).toBe('absent')
  })
})

const ended = (outcome: string): OperationState => ({ state: 'succeeded', result: { outcome }, commands: [] })

const shown = (commands: readonly { command: string }[] | undefined): string[] | undefined =>
  commands?.map(({ command }) => command)

const against = (lines: readonly { verdict: string; says: string }[]): string[] =>
  lines.filter(({ verdict }) => verdict !== 'holds').map(({ says }) => says)

const statusWith = (startedAt: number) =>
  ({ scans: [{ kind: 'scrub', state: 'in-progress', startedAt, errors: null }] }) as unknown as Parameters<
    typeof judgeScrub
  >[0]['status']

/** As the engine would, before it dies. */
async function submitStart(procedures: World, plan: unknown, begun: Begun): Promise<void> {
  const { host, pool, guid } = plan as { host: string; pool: string; guid: string }
  await procedures.host(host).changes.submit(begun.operation, { kind: 'scrub-start', pool, guid, errorsOnly: false })
}
