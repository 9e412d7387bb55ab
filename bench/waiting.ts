import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { openSqliteStore } from '../src/adapters/store/open-sqlite.ts'
import { systemClock } from '../src/adapters/system/clock.ts'
import { makeId } from '../src/domain/make-id.ts'
import { days } from '../src/domain/units.ts'
import { createEngine } from '../src/engine/engine.ts'
import { type Procedure, procedure } from '../src/engine/procedure.ts'
import { scrub } from '../src/procedures/scrub/scrub.ts'
import { PoolPlan } from '../src/procedures/scrub/plan.ts'
import { scrubPool } from '../src/procedures/scrub/scrub-pool.ts'
import type { Benchmark } from './benchmark.ts'

const pools = 3000
const measuredSeconds = 60

/** Of a fleet of 1,000 hosts: three pools a host, and 16 partners of each that it shares pins with. */
export function planOf(count: number): {
  pools: z.input<typeof PoolPlan>[]
  leftOut: never[]
  shared: [number, number, number][]
  isNamed: boolean
} {
  const shared: [number, number, number][] = []
  for (let one = 0; one < count; one += 1) {
    for (let step = 1; step <= 16; step += 1) {
      if (one + step * 7 < count) shared.push([one, one + step * 7, 1000 + step])
    }
  }
  return {
    pools: Array.from({ length: count }, (_, index) => ({
      host: `n${Math.floor(index / 3)}`,
      pool: `pool-${index % 3}`,
      guid: '1234567890',
      errorsOnly: false,
      stores: ['hot'],
      tiers: [{ name: 'hot', atOnce: Math.floor(count / 30) }],
      takes: 1000,
    })),
    leftOut: [],
    shared,
    isNamed: false,
  }
}

/** The real order and the real locks of a scrub, over steps that only wait. */
function procedures(): Procedure<object>[] {
  const plan = planOf(pools)
  const child = procedure<object>()({
    ...scrubPool,
    name: 'waits',
    kind: 'steps',
    Input: z.json(),
    Plan: PoolPlan,
    plan: async (input) => PoolPlan.parse(plan.pools.find(({ host, pool }) => isOf(input, host, pool))),
    outlook: ({ host, pool }) => ({ title: `${host}/${pool}`, takes: undefined, endangers: [] }),
    preflight: async () => [],
    locks: (one) => scrubPool.locks(one),
    steps: () => [
      {
        id: 'wait',
        title: 'Wait',
        commands: [],
        deadline: days(1),
        Result: z.null(),
        look: async () => ({ state: 'absent' }),
        run: async (context) => {
          await context.sleep(days(1))
          return null
        },
        undo: { kind: 'nothing', because: 'it has done nothing' },
      },
    ],
    examples: [],
  })
  const parent = procedure<object>()({
    ...child,
    name: 'all',
    kind: 'fleet',
    class: 'background',
    Input: z.object({}),
    Plan: z.json(),
    goodFor: days(1),
    plan: async () => plan,
    outlook: () => ({ title: 'all', takes: undefined, endangers: [] }),
    preflight: async () => [],
    essence: (all) => all,
    locks: () => [],
    phases: (all) =>
      scrub
        .phases(all)
        .flatMap((phase) =>
          'steps' in phase
            ? []
            : [{ ...phase, children: phase.children.map((one) => ({ ...one, procedure: 'waits' })) }],
        ),
    examples: [],
  })
  return [parent, child]
}

const isOf = (input: unknown, host: string, pool: string): boolean => {
  const named = z.object({ host: z.string(), pool: z.string() }).safeParse(input)
  return named.success && named.data.host === host && named.data.pool === pool
}

/** Seconds of processor, of both modes. */
const cpuOf = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

export const waiting: Benchmark = {
  name: 'waiting',
  title: `what a scrub over ${pools} pools costs the controller while most of them wait`,
  async run({ say }) {
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-bench-'))
    let transactions = 0
    const store = await openSqliteStore({ path: join(folder, 'store.sqlite') })
    const engine = createEngine<object>({
      procedures: procedures(),
      store: {
        transaction: async (work) => {
          transactions += 1
          return store.transaction(work)
        },
      },
      world: {},
      clock: systemClock,
      makeId,
      report: ({ error }) => say(String(error)),
    })
    try {
      const begun = await cpuOf(async () => {
        await engine.start({ procedure: 'all', input: {}, requestedBy: 'bench' }, new AbortController().signal)
        for (let before = -1; before !== transactions; await sleep(5000)) before = transactions
      })
      const held = (await store.transaction(async (transaction) => transaction.locks())).length / 3
      say(`${held} pools are being scrubbed, ${pools - held} wait`)
      const from = transactions
      const rest = await cpuOf(async () => sleep(measuredSeconds * 1000))
      return {
        header: ['', 'processor time', 'transactions'],
        rows: [
          [`to begin ${held} of ${pools}`, `${begun.toFixed(1)} s`, String(from)],
          [`${measuredSeconds} s of waiting`, `${rest.toFixed(3)} s`, String(transactions - from)],
        ],
      }
    } finally {
      await engine.close()
      await store.close()
      rmSync(folder, { recursive: true })
    }
  },
}
