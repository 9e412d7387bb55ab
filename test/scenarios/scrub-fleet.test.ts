import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { noPinIndex } from '../../src/adapters/agent/no-pin-index.ts'
import type { World } from '../../src/procedures/world.ts'
import { scrub } from '../../src/procedures/scrub/scrub.ts'
import type { PoolPlan } from '../../src/procedures/scrub/plan.ts'
import { byFewestShared, SharedPins, sharedPinsOf } from '../../src/procedures/parts/shared-pins.ts'
import { simClock } from '../../src/sim/clock.ts'
import { createWorld, defaultStores } from '../../src/sim/create-world.ts'
import { pinsetNamed, pinsOf } from '../../src/sim/pinset.ts'
import { simFleet } from '../../src/sim/sim-fleet.ts'
import { simProcedureWorld } from '../../src/sim/sim-procedures-world.ts'
import { createStepBench } from '../builders/run-steps.ts'

const Planned = z.object({
  pools: z.array(z.object({ host: z.string(), pool: z.string() })),
  leftOut: z.array(z.object({ what: z.string(), why: z.string() })),
})
const plannedFor = async (input: unknown, faults: readonly string[] = []) => {
  const { plan } = createStepBench(faults)
  const { pools, leftOut } = Planned.parse(await plan(scrub, input))
  return { pools: pools.map(({ host, pool }) => `${host}/${pool}`), leftOut }
}

describe('which pools are scrubbed', () => {
  it('are those of the tier, what was verified longest ago first', async () => {
    const { pools } = await plannedFor({ tier: 'cold' }, ['scrub-overdue'])
    expect(pools.toSorted()).toEqual(['n1/cold-tier', 'n2/cold-tier', 'n3/cold-tier'])
    expect(pools[0]).toBe('n1/cold-tier')
  })

  it('are those that are due, and no other', async () => {
    expect(await plannedFor({ due: true }, ['scrub-overdue'])).toEqual({ pools: ['n1/cold-tier'], leftOut: [] })
  })

  it.each([
    ['pool-suspended', 'hot', 'n3/hot-tier', 'SUSPENDED'],
    ['disk-replaced', 'hot', 'n2/hot-tier', 'resilvering'],
    ['spare-in-use', 'cold', 'n2/cold-tier', 'spare'],
    ['scrub-paused', 'cold', 'n3/cold-tier', 'paused'],
    ['pool-readonly', 'cold', 'n2/cold-tier', 'read-only'],
    ['agent-down', 'hot', 'n2', 'does not answer'],
  ])('leaves out, with %s, what cannot be scrubbed now, and says why', async (fault, tier, what, why) => {
    const { pools, leftOut } = await plannedFor({ tier }, [fault])
    expect(leftOut).toEqual([{ what, why: expect.stringContaining(why) }])
    expect(pools).toHaveLength(2)
  })

  it('are chosen in exactly one way', async () => {
    for (const input of [{}, { tier: 'hot', due: true }, { pools: ['n1/hot-tier'], tier: 'hot' }]) {
      await expect(createStepBench().plan(scrub, input)).rejects.toThrow('say in one way')
    }
  })

  it('have each a run of its own, with its own plan', async () => {
    const { plan } = createStepBench()
    const planned = await plan(scrub, { pools: ['n1/hot-tier', 'n2/warm-tier'] })
    expect(scrub.children(planned).map(({ key, procedure }) => [key, procedure])).toEqual([
      ['n1/hot-tier', 'scrub-pool'],
      ['n2/warm-tier', 'scrub-pool'],
    ])
  })
})

/** Worlds with pools of many hosts, and their plans. */
function fleetOf(hosts: number) {
  const names = Array.from({ length: hosts }, (_, index) => `n${index + 1}`)
  const world = createWorld({ hosts: names, pins: 200, stores: defaultStores.slice(0, 2) })
  const pools = simFleet(world).hosts.flatMap((host) =>
    host.stores.map((store): PoolPlan => ({
      host: host.name,
      pool: store.pool ?? '',
      guid: '1',
      errorsOnly: false,
      stores: [store.name],
      tiers: [],
      takes: null,
    })),
  )
  const peers = new Map(
    simFleet(world).hosts.flatMap((host) =>
      host.stores.map(({ name, cluster, peer }) => [`${host.name}/${name}`, { cluster, peer }] as const),
    ),
  )
  const expected = (one: PoolPlan, other: PoolPlan): number => {
    const [a, b] = [one, other].map(({ host, stores }) => peers.get(`${host}/${stores[0] ?? ''}`)?.peer)
    return [...pinsOf(pinsetNamed(world, 'main'))].filter(({ holders }) => {
      const ids = holders.map(({ peer }) => peer)
      return ids.includes(a ?? '') && ids.includes(b ?? '')
    }).length
  }
  return { pools, peers, expected, procedures: simProcedureWorld(world, simClock(world)) }
}

const told = (shared: SharedPins, one: number, other: number): number =>
  shared.find(([a, b]) => a === one && b === other)?.[2] ?? 0

describe('pins that pools share', () => {
  const { signal } = new AbortController()

  it.each([4, 30])('are counted as one by one, of pools of different hosts (%i hosts)', async (hosts) => {
    const { pools, peers, expected, procedures } = fleetOf(hosts)
    const shared = await sharedPinsOf(procedures, pools, peers, signal)
    // Of many pools, a plan keeps those that share the most with each.
    const areAllKept = pools.length <= 16
    let counted = 0
    for (const [one, a] of pools.entries()) {
      for (const [other, b] of pools.entries()) {
        const isTold = shared.some(([first, second]) => first === one && second === other)
        if (other <= one || !(isTold || areAllKept)) continue
        const between = a.host === b.host ? 0 : expected(a, b)
        expect(told(shared, one, other), `${a.host}/${a.pool} and ${b.host}/${b.pool}`).toBe(between)
        counted += between
      }
    }
    expect(counted).toBeGreaterThan(0)
  })

  it('are not told where no index tells, and a plan can be made all the same', async () => {
    const { pools, peers, procedures } = fleetOf(4)
    const silent: World = { ...procedures, pins: noPinIndex }
    expect(await sharedPinsOf(silent, pools, peers, signal)).toEqual([])
  })
})

describe('the order of waiting pools', () => {
  it('is that of the fewest pins shared with what runs, and else that of the plan', () => {
    const keys = fc.constant<string[]>(['a', 'b', 'c', 'd', 'e', 'f'])
    const anyShared = fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.integer({ min: 1, max: 9 })))
    fc.assert(
      fc.property(keys, anyShared, fc.subarray<string>(['a', 'b', 'c', 'd', 'e', 'f']), (all, pairs, running) => {
        const unique = new Map(
          pairs.filter(([one, other]) => one < other).map((pair) => [`${pair[0]} ${pair[1]}`, pair]),
        )
        const shared = SharedPins.parse([...unique.values()])
        const waiting = all.filter((key) => !running.includes(key))
        const weight = (key: string) =>
          running.reduce((sum, busy) => {
            const [one, other] = [all.indexOf(key), all.indexOf(busy)].toSorted((a, b) => a - b)
            return sum + (shared.find(([a, b]) => a === one && b === other)?.[2] ?? 0)
          }, 0)
        const ordered = byFewestShared(all, shared, waiting, running)
        expect(ordered.toSorted()).toEqual(waiting.toSorted())
        for (const [index, key] of ordered.entries()) {
          const next = ordered[index + 1]
          if (next === undefined) continue
          const isBefore = weight(key) < weight(next) || (weight(key) === weight(next) && key < next)
          expect(isBefore, `${key} before ${next}`).toBe(true)
        }
      }),
    )
  })
})
