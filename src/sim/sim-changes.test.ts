import { describe, expect, it } from 'vitest'
import { Refusal, Unreachable } from '../domain/errors.ts'
import { type Operation, OperationState } from '../domain/operation.ts'
import { type Duration, hours, milliseconds, minutes, seconds } from '../domain/units.ts'
import { operationId } from '../../test/builders/run-steps.ts'
import { simClock } from './clock.ts'
import { createWorld } from './create-world.ts'
import { applyFault, mendFault } from './faults/index.ts'
import { hostOf, poolOf } from './lookup.ts'
import { loseOperations } from './sim-agent.ts'
import { simHost } from './ports.ts'
import { simChanges } from './sim-changes.ts'
import { runZpool } from './sim-zpool.ts'
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
    id: () => operationId(world.now, (ids += 1)),
    /** Lets time pass, and everything that is due happen, each thing at its own moment. */
    pass: (time: Duration) => passUntil(clock, new Promise<void>((resolve) => void clock.after(time, resolve))),
    /** Posts one, and sees it through. */
    done: async (operation: Operation) => {
      const one = operationId(world.now, (ids += 1))
      await changes.submit(one, operation)
      const states = await passUntil(clock, Array.fromAsync(changes.watch(one)))
      return states.at(-1)
    },
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
    const { changes, id, pass } = bench()
    const one = id()
    expect(await changes.submit(one, mark())).toEqual({ state: 'accepted' })
    await pass(milliseconds(1))
    expect(await changes.result(one)).toMatchObject({ state: 'running', share: 0 })
    await pass(seconds(5))
    expect(await changes.result(one)).toMatchObject({ state: 'running', share: 0.5 })
    await pass(seconds(6))
    expect(OperationState.parse(await changes.result(one))).toMatchObject({ state: 'succeeded' })
    expect(await changes.result(id())).toBeUndefined()
  })

  it('are done once, however often they are posted', async () => {
    const { changes, id, pass, kinds, host, done } = bench()
    const one = id()
    await changes.submit(one, mark())
    await changes.submit(one, mark())
    await pass(minutes(1))
    expect(await changes.submit(one, mark())).toMatchObject({ state: 'succeeded' })
    expect(kinds()).toEqual(['practice mark left'])
    expect(host.changing.marks).toMatchObject([{ mark: 'm', operation: one }])
    // The control: another id does it again, and the list of effects shows it.
    await done({ ...mark(), mark: 'n' })
    expect(kinds()).toEqual(['practice mark left', 'practice mark left'])
  })

  it('show late where the host is slow, and are nothing before', async () => {
    const { changes, id, pass, host, guid, kinds } = bench()
    host.changing.delay = 3000
    const one = id()
    await changes.submit(one, scrub('hot-tier', guid('hot-tier')))
    await pass(seconds(5))
    expect(kinds()).toEqual([])
    await pass(seconds(2))
    expect(kinds()).toEqual(['scrub started'])
    expect(await changes.result(one)).toMatchObject({ state: 'succeeded' })
  })

  it('leave nothing where they fail half-way or are called off, and take a mark away once', async () => {
    const { changes, id, pass, host, kinds, done } = bench()
    expect(await done(mark(seconds(10), true))).toMatchObject({ state: 'failed' })
    const off = id()
    await changes.submit(off, mark())
    await changes.cancel(off)
    await pass(minutes(1))
    expect(await changes.result(off)).toMatchObject({ state: 'failed', remedy: 'stop' })
    expect(host.changing.marks).toEqual([])
    await done(mark())
    await done({ kind: 'practice-unmark', mark: 'm' })
    expect(await done({ kind: 'practice-unmark', mark: 'm' })).toMatchObject({ result: { outcome: 'was-none' } })
    expect(kinds()).toEqual(['practice mark left', 'practice mark removed'])
  })

  it('are refused outside of the policy; nobody hears them while the agent is down', async () => {
    const { changes, id, host, world, kinds, guid } = bench()
    host.changing.allows = ['scrub-pause']
    const refused = changes.submit(id(), scrub('hot-tier', '1'))
    await expect(refused).rejects.toThrow('no line of /etc/tiercel/policy.yaml allows scrub-start')
    await expect(refused).rejects.toBeInstanceOf(Refusal)
    host.executor = false
    const pause = { kind: 'scrub-pause', pool: 'hot-tier', guid: guid('hot-tier') }
    await expect(changes.submit(id(), pause)).rejects.toMatchObject({ code: 'executor-unreachable', remedy: 'retry' })
    applyFault(world, 'agent-down')
    await expect(changes.submit(id(), mark())).rejects.toThrow(Unreachable)
    await expect(changes.result(id())).rejects.toThrow(Unreachable)
    expect(kinds()).toEqual([])
  })

  it('are lost when the agent dies, with their effect or without', async () => {
    const { changes, id, world, pass, kinds } = bench()
    const [one, other] = [id(), id()]
    await changes.submit(one, mark())
    await pass(seconds(1))
    loseOperations(world, 'n2', { commandsGoOn: false })
    await pass(minutes(1))
    expect(await changes.result(one)).toMatchObject({ state: 'lost' })
    expect(kinds()).toEqual([])
    await changes.submit(other, mark())
    await pass(seconds(1))
    loseOperations(world, 'n2', { commandsGoOn: true })
    expect(await changes.result(other)).toMatchObject({ state: 'lost' })
    await pass(minutes(1))
    expect(kinds()).toEqual(['practice mark left'])
  })

  it('leave a world that can be stored and goes on from there', async () => {
    const { world, clock, done, guid } = bench()
    await done(scrub('cold-tier', guid('cold-tier')))
    const restored = World.parse(JSON.parse(JSON.stringify(world)))
    expect(restored).toEqual(world)
    const { takes } = poolOf(hostOf(restored, 'n2'), 'cold-tier').scrubs
    simClock(restored).advance(milliseconds(takes))
    const [pool] =
      (await simHost(restored, 'n2').storage?.poolStatus())?.filter(({ name }) => name === 'cold-tier') ?? []
    expect(pool?.scans).toMatchObject([{ state: 'finished' }])
    expect(clock.now()).toBeLessThan(simClock(restored).now())
  })
})

describe('scrubs of a simulated host', () => {
  it('are started, paused in their place, resumed, and end by themselves', async () => {
    const { done, guid, scan, pass, kinds, world } = bench()
    const target = { pool: 'hot-tier', guid: guid('hot-tier') }
    const { takes } = poolOf(hostOf(world, 'n2'), 'hot-tier').scrubs
    const startedAt = Math.floor(world.now / 1000) * 1000
    await done(scrub('hot-tier', target.guid))
    await pass(seconds(takes / 4000))
    expect((await scan('hot-tier'))?.scans).toMatchObject([
      { kind: 'scrub', state: 'in-progress', startedAt, share: 0.25 },
    ])
    await done({ kind: 'scrub-pause', ...target })
    await pass(hours(30))
    expect((await scan('hot-tier'))?.scans).toMatchObject([{ state: 'paused', startedAt, share: 0.25 }])
    await done(scrub('hot-tier', target.guid))
    await pass(seconds((takes * 3) / 4000 - 1))
    expect((await scan('hot-tier'))?.scans).toMatchObject([{ state: 'in-progress', startedAt }])
    await pass(seconds(1))
    expect((await scan('hot-tier'))?.scans).toMatchObject([{ state: 'finished', startedAt, errors: 0 }])
    expect(kinds()).toEqual(['scrub started', 'scrub paused', 'scrub resumed'])
  })

  it('are stopped for good', async () => {
    const { done, guid, scan, kinds } = bench()
    const target = { pool: 'hot-tier', guid: guid('hot-tier') }
    await done(scrub('hot-tier', target.guid))
    await done({ kind: 'scrub-stop', ...target })
    expect((await scan('hot-tier'))?.scans).toMatchObject([{ state: 'canceled', errors: null }])
    expect(await done({ kind: 'scrub-stop', ...target })).toMatchObject({ result: { outcome: 'was-none' } })
    expect(kinds()).toEqual(['scrub started', 'scrub stopped'])
  })

  it('are one a pool, and none during a resilver', async () => {
    const { done, guid, kinds } = bench('n2', ['disk-replaced'])
    await done(scrub('warm-tier', guid('warm-tier')))
    const again = await done(scrub('warm-tier', guid('warm-tier')))
    expect(again).toMatchObject({ state: 'succeeded', result: { outcome: 'was-running' } })
    expect(await done(scrub('hot-tier', guid('hot-tier')))).toMatchObject({
      error: expect.stringContaining('currently resilvering'),
    })
    expect(kinds()).toEqual(['scrub started'])
  })

  it('are not begun on a pool with another guid, nor on one that is suspended or read-only', async () => {
    const { done, kinds } = bench()
    expect(await done(scrub('hot-tier', '1'))).toMatchObject({ state: 'failed', remedy: 'ask' })
    const suspended = bench('n3', ['pool-suspended'])
    expect(await suspended.done(scrub('hot-tier', suspended.guid('hot-tier')))).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('SUSPENDED'),
    })
    const readonly = bench('n2', ['pool-readonly'])
    expect(await readonly.done(scrub('cold-tier', readonly.guid('cold-tier')))).toMatchObject({
      error: expect.stringContaining('read-only'),
    })
    expect([...kinds(), ...suspended.kinds(), ...readonly.kinds()]).toEqual([])
  })

  it('hang where the pool is suspended after it was looked at, are told so, and begin when it is resumed', async () => {
    const { changes, id, pass, guid, kinds, world, host } = bench('n3')
    host.changing.delay = 3000
    const one = id()
    await changes.submit(one, scrub('hot-tier', guid('hot-tier')))
    // The look takes 3 s, and then the command comes.
    await pass(seconds(4))
    applyFault(world, 'pool-suspended')
    await pass(minutes(2))
    expect(await changes.result(one)).toMatchObject({
      state: 'failed',
      remedy: 'ask',
      error: expect.stringContaining('can still take effect'),
    })
    expect(kinds()).toEqual([])
    mendFault(world, 'pool-suspended')
    await pass(seconds(1))
    expect(kinds()).toEqual(['scrub started'])
  })

  it('are refused by the zpool of 2.1 on a read-only pool, where that of 2.3 hangs', () => {
    const [two3, two1] = [bench('n2', ['pool-readonly']), bench('n1')]
    expect(runZpool(two3.world, two3.host, ['scrub', 'cold-tier'], '')).toBe('hangs')
    poolOf(two1.host, 'hot-tier').readonly = true
    expect(runZpool(two1.world, two1.host, ['scrub', 'hot-tier'], '')).toMatchObject({
      stderr: expect.stringContaining('pool is read-only'),
    })
  })

  it('find what nobody has read before, only at their end, and the pool lists it from then on', async () => {
    const { done, guid, scan, pass, host } = bench()
    poolOf(host, 'hot-tier').hiddenDamage = ['/hot-tier/a']
    await done(scrub('hot-tier', guid('hot-tier')))
    await pass(hours(1))
    expect((await scan('hot-tier'))?.dataErrors.count).toBe(0)
    await pass(hours(9))
    expect(await scan('hot-tier')).toMatchObject({
      scans: [{ state: 'finished', errors: 1 }],
      dataErrors: { count: 1, paths: ['/hot-tier/a'] },
    })
    await done(scrub('hot-tier', guid('hot-tier')))
    expect((await scan('hot-tier'))?.dataErrors.count).toBe(1)
  })

  it('read just the list of errors where that is asked for, on 2.2 and later only', async () => {
    const { done, guid, scan } = bench()
    await done(scrub('hot-tier', guid('hot-tier'), true))
    expect((await scan('hot-tier'))?.scans).toMatchObject([{ kind: 'error-scrub', state: 'in-progress' }])
    const old = bench('n1')
    expect(await old.done(scrub('hot-tier', old.guid('hot-tier'), true))).toMatchObject({
      error: expect.stringContaining("invalid option 'e'"),
    })
  })
})
