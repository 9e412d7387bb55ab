import { describe, expect, it } from 'vitest'
import { Refusal, Unreachable } from '../domain/errors.ts'
import { type Operation, type OperationId, OperationState } from '../domain/operation.ts'
import { hours, minutes, seconds } from '../domain/units.ts'
import { operationId } from '../../test/builders/run-steps.ts'
import { simClock } from './clock.ts'
import { createWorld } from './create-world.ts'
import { applyFault, mendFault } from './faults/index.ts'
import { hostOf, poolOf } from './lookup.ts'
import { loseOperations } from './operations.ts'
import { simHost } from './ports.ts'
import { simChanges } from './sim-changes.ts'
import { passUntil } from './sim-procedures-world.ts'
import { World } from './world.ts'

function bench(host = 'n2', faults: readonly string[] = []) {
  const world = createWorld({ pins: 20 })
  for (const fault of faults) applyFault(world, fault)
  const clock = simClock(world)
  let ids = 0
  const changes = simChanges(world, host, clock)
  return {
    world,
    clock,
    changes,
    /** Posts one, and asks how it is right then. */
    post: async (id: OperationId, operation: Operation) => {
      await changes.submit(id, operation)
      return changes.result(id)
    },
    id: () => operationId(world.now, (ids += 1)),
    host: hostOf(world, host),
    guid: (pool: string) => poolOf(hostOf(world, host), pool).guid,
    scan: async (pool: string) => {
      const all = await simHost(world, host).storage?.poolStatus()
      return all?.find(({ name }) => name === pool)
    },
    kinds: () => world.effects.map(({ kind }) => kind).filter((kind) => !kind.startsWith('fault')),
  }
}

const mark = (takes = seconds(10), fails = false): Operation => ({ kind: 'practice-mark', mark: 'm', takes, fails })
const scrub = (pool: string, guid: string, errorsOnly = false): Operation => ({
  kind: 'scrub-start',
  pool,
  guid,
  errorsOnly,
})

describe('operations on a simulated host', () => {
  it('are told from accepted to their end, with their share', async () => {
    const { changes, id, clock } = bench()
    const one = id()
    expect(await changes.submit(one, mark())).toEqual({ state: 'accepted' })
    expect(await changes.result(one)).toEqual({ state: 'running', share: 0 })
    clock.advance(seconds(5))
    expect(await changes.result(one)).toEqual({ state: 'running', share: 0.5 })
    clock.advance(seconds(5))
    expect(await changes.result(one)).toMatchObject({ state: 'succeeded' })
    expect(OperationState.parse(await changes.result(one))).toEqual(await changes.result(one))
    expect(await changes.result(id())).toBeUndefined()
  })

  it('are done once, however often they are posted', async () => {
    const { changes, id, clock, kinds, host } = bench()
    const one = id()
    await changes.submit(one, mark())
    await changes.submit(one, mark())
    clock.advance(minutes(1))
    expect(await changes.submit(one, mark())).toMatchObject({ state: 'succeeded' })
    expect(kinds()).toEqual(['practice mark left'])
    expect(host.changing.marks).toMatchObject([{ mark: 'm', operation: one }])
    // The control: another id does it again, and the list of effects shows it.
    const other = id()
    await changes.submit(other, { ...mark(), mark: 'n' } as Operation)
    clock.advance(minutes(1))
    expect(kinds()).toEqual(['practice mark left', 'practice mark left'])
  })

  it('show late where the host is slow, and are nothing before', async () => {
    const { changes, id, clock, host, guid, kinds } = bench()
    host.changing.delay = 3000
    const one = id()
    expect(await changes.submit(one, scrub('hot-tier', guid('hot-tier')))).toEqual({ state: 'accepted' })
    clock.advance(seconds(2))
    expect(kinds()).toEqual([])
    clock.advance(seconds(1))
    expect(kinds()).toEqual(['scrub started'])
    expect(await changes.result(one)).toMatchObject({ state: 'succeeded' })
  })

  it('are watched to their end, in the time of the world', async () => {
    const { changes, id, clock } = bench()
    const one = id()
    await changes.submit(one, mark(seconds(3)))
    const states = await passUntil(clock, Array.fromAsync(changes.watch(one)))
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['running', 'succeeded']))
    expect(states.at(-1)).toMatchObject({ state: 'succeeded' })
  })

  it('leave nothing where they fail half-way or are called off, and take a mark away once', async () => {
    const { changes, post, id, clock, host, kinds } = bench()
    const failing = id()
    await changes.submit(failing, mark(seconds(10), true))
    clock.advance(seconds(5))
    expect(await changes.result(failing)).toMatchObject({ state: 'failed' })
    const off = id()
    await changes.submit(off, mark())
    expect(await changes.cancel(off)).toMatchObject({ state: 'failed' })
    clock.advance(minutes(1))
    expect(host.changing.marks).toEqual([])
    await changes.submit(id(), mark())
    clock.advance(minutes(1))
    await changes.submit(id(), { kind: 'practice-unmark', mark: 'm' })
    expect(await post(id(), { kind: 'practice-unmark', mark: 'm' })).toMatchObject({ result: { outcome: 'was-none' } })
    expect(kinds()).toEqual(['practice mark left', 'practice mark removed'])
  })

  it('are refused outside of the policy; nobody hears them while the agent is down', async () => {
    const { changes, id, host, world, kinds } = bench()
    host.changing.allows = ['scrub-pause']
    await expect(changes.submit(id(), scrub('hot-tier', '1'))).rejects.toThrow(Refusal)
    applyFault(world, 'agent-down')
    await expect(changes.submit(id(), mark())).rejects.toThrow(Unreachable)
    await expect(changes.result(id())).rejects.toThrow(Unreachable)
    expect(kinds()).toEqual([])
  })

  it('are lost when the agent dies, with their effect or without', async () => {
    const { changes, id, world, clock, kinds } = bench()
    const [one, other] = [id(), id()]
    await changes.submit(one, mark())
    loseOperations(world, 'n2', { commandsGoOn: false })
    clock.advance(minutes(1))
    expect(await changes.result(one)).toMatchObject({ state: 'lost' })
    expect(kinds()).toEqual([])
    await changes.submit(other, mark())
    loseOperations(world, 'n2', { commandsGoOn: true })
    expect(await changes.result(other)).toMatchObject({ state: 'lost' })
    expect(kinds()).toEqual(['practice mark left'])
  })

  it('go on where they were when the world is stored in the middle', async () => {
    const { changes, id, world, clock, guid } = bench()
    const one = id()
    await changes.submit(one, mark())
    await changes.submit(id(), scrub('cold-tier', guid('cold-tier')))
    clock.advance(seconds(4))
    const restored = World.parse(JSON.parse(JSON.stringify(world)))
    expect(restored).toEqual(world)
    const later = simClock(restored)
    later.advance(seconds(6))
    expect(await simChanges(restored, 'n2', later).result(one)).toMatchObject({ state: 'succeeded' })
    expect(restored.effects.map(({ kind }) => kind)).toEqual(['scrub started', 'practice mark left'])
  })
})

describe('scrubs of a simulated host', () => {
  it('are started, paused in their place, resumed, and end by themselves', async () => {
    const { changes, id, guid, scan, clock, kinds, world } = bench()
    const target = { pool: 'hot-tier', guid: guid('hot-tier') }
    const { takes } = poolOf(hostOf(world, 'n2'), 'hot-tier').scrubs
    const startedAt = Math.floor(world.now / 1000) * 1000
    await changes.submit(id(), scrub('hot-tier', target.guid))
    clock.advance(seconds(takes / 4000))
    expect((await scan('hot-tier'))?.scans).toMatchObject([
      { kind: 'scrub', state: 'in-progress', startedAt, share: 0.25 },
    ])
    await changes.submit(id(), { kind: 'scrub-pause', ...target })
    clock.advance(hours(30))
    expect((await scan('hot-tier'))?.scans).toMatchObject([{ state: 'paused', startedAt, share: 0.25 }])
    await changes.submit(id(), scrub('hot-tier', target.guid))
    clock.advance(seconds((takes * 3) / 4000 - 1))
    expect((await scan('hot-tier'))?.scans).toMatchObject([{ state: 'in-progress', startedAt }])
    clock.advance(seconds(1))
    expect((await scan('hot-tier'))?.scans).toMatchObject([{ state: 'finished', startedAt, errors: 0 }])
    expect(kinds()).toEqual(['scrub started', 'scrub paused', 'scrub resumed'])
  })

  it('are stopped for good', async () => {
    const { changes, post, id, guid, scan, kinds } = bench()
    const target = { pool: 'hot-tier', guid: guid('hot-tier') }
    await changes.submit(id(), scrub('hot-tier', target.guid))
    await changes.submit(id(), { kind: 'scrub-stop', ...target })
    expect((await scan('hot-tier'))?.scans).toMatchObject([{ state: 'canceled', errors: null }])
    expect(await post(id(), { kind: 'scrub-stop', ...target })).toMatchObject({ result: { outcome: 'was-none' } })
    expect(kinds()).toEqual(['scrub started', 'scrub stopped'])
  })

  it('are one a pool, and none during a resilver', async () => {
    const { changes, post, id, guid, kinds } = bench('n2', ['disk-replaced'])
    await changes.submit(id(), scrub('warm-tier', guid('warm-tier')))
    const again = await post(id(), scrub('warm-tier', guid('warm-tier')))
    expect(again).toMatchObject({ state: 'succeeded', result: { outcome: 'was-running' } })
    expect(await post(id(), scrub('hot-tier', guid('hot-tier')))).toMatchObject({
      error: expect.stringContaining('currently resilvering'),
    })
    expect(kinds()).toEqual(['scrub started'])
  })

  it('are not begun on a pool with another guid', async () => {
    const { post, id, kinds } = bench()
    expect(await post(id(), scrub('hot-tier', '1'))).toMatchObject({ state: 'failed', remedy: 'ask' })
    expect(kinds()).toEqual([])
  })

  it('are not begun on a suspended pool; unguarded they hang for ever on 2.3, and begin when it is resumed', async () => {
    const { changes, post, id, guid, clock, kinds, world, host } = bench('n3', ['pool-suspended'])
    const guarded = await post(id(), scrub('hot-tier', guid('hot-tier')))
    expect(guarded).toMatchObject({ state: 'failed', error: expect.stringContaining('SUSPENDED') })
    host.changing.guards = false
    const one = id()
    expect(await post(one, scrub('hot-tier', guid('hot-tier')))).toEqual({ state: 'running' })
    clock.advance(hours(100))
    expect(await changes.cancel(one)).toEqual({ state: 'running' })
    expect(kinds()).toEqual([])
    mendFault(world, 'pool-suspended')
    clock.advance(seconds(1))
    expect(kinds()).toEqual(['scrub started'])
    expect(await changes.result(one)).toMatchObject({ state: 'succeeded' })
  })

  it('are not begun on a read-only pool; unguarded they hang on 2.3, and are refused by 2.1', async () => {
    const two3 = bench('n2', ['pool-readonly'])
    const post = () => two3.post(two3.id(), scrub('cold-tier', two3.guid('cold-tier')))
    expect(await post()).toMatchObject({ state: 'failed', error: expect.stringContaining('read-only') })
    two3.host.changing.guards = false
    expect(await post()).toEqual({ state: 'running' })
    const two1 = bench('n1')
    two1.host.changing.guards = false
    poolOf(two1.host, 'hot-tier').readonly = true
    expect(await two1.post(two1.id(), scrub('hot-tier', two1.guid('hot-tier')))).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('pool is read-only'),
    })
  })

  it('find what nobody has read before, only at their end, and the pool lists it from then on', async () => {
    const { changes, id, guid, scan, clock, host } = bench()
    poolOf(host, 'hot-tier').hiddenDamage = ['/hot-tier/a']
    await changes.submit(id(), scrub('hot-tier', guid('hot-tier')))
    clock.advance(hours(1))
    expect((await scan('hot-tier'))?.dataErrors.count).toBe(0)
    clock.advance(hours(9))
    expect(await scan('hot-tier')).toMatchObject({
      scans: [{ state: 'finished', errors: 1 }],
      dataErrors: { count: 1, paths: ['/hot-tier/a'] },
    })
    await changes.submit(id(), scrub('hot-tier', guid('hot-tier')))
    expect((await scan('hot-tier'))?.dataErrors.count).toBe(1)
  })

  it('read just the list of errors where that is asked for, on 2.2 and later only', async () => {
    const { changes, id, guid, scan } = bench()
    await changes.submit(id(), scrub('hot-tier', guid('hot-tier'), true))
    expect((await scan('hot-tier'))?.scans).toMatchObject([{ kind: 'error-scrub', state: 'in-progress' }])
    const old = bench('n1')
    expect(await old.post(old.id(), scrub('hot-tier', old.guid('hot-tier'), true))).toMatchObject({
      error: expect.stringContaining("invalid option 'e'"),
    })
  })
})
