// Larger than most: which pools are due, and that whose scrub it is has to be found out, since ZFS does not tell.
import { z } from 'zod'
import { fewAtOnce } from '../../domain/few-at-once.ts'
import { minutes } from '../../domain/units.ts'
import { type Preflight, procedure } from '../../engine/procedure.ts'
import { choosePools, ScrubSettings } from './choice.ts'
import { scrubExamples } from './examples.ts'
import { keyOf } from '../parts/pool.ts'
import { durationOf } from '../parts/load.ts'
import { byFewestShared, peersOf, SharedPins, sharedPinsOf } from '../parts/shared-pins.ts'
import { asPreflight, holds, type Line } from '../parts/verdict.ts'
import { endangers, ErrorsOnly, essenceOf, planFor, PoolPlan } from './plan.ts'
import { scrubPreflight } from './preflight.ts'
import type { World } from '../world.ts'

const Plan = z.object({
  /** In the order in which they would be scrubbed one by one: what was not verified for longest first. */
  pools: z.array(PoolPlan),
  leftOut: z.array(z.object({ what: z.string(), why: z.string() })),
  shared: SharedPins,
  /** Whether the pools were named: then each of them must be fit. */
  isNamed: z.boolean(),
})
type Plan = z.infer<typeof Plan>

/** So many pools may fail before no further one is begun: a scrub that cannot run endangers nothing. */
const stopAfter = 3

/** So many hosts are looked at side by side. */
const looksAtOnce = 8

/** Runbook 4.1, over a fleet. */
export const scrub = procedure<World>()({
  name: 'scrub',
  title: 'Scrub pools, a tier, or all that are due',
  about:
    'Scrubs many pools without making the fleet slow: one pool a host and a tenth of a tier at once, and those first that share the fewest pins with the ones that are being scrubbed, so that a pin has a fast copy at any time. Each pool is a run of its own, with its own look before it begins. It takes the place of the cron jobs of the runbook, which start on all hosts in the same hour.',
  corrects: [
    'Chapter 4, scrubs: only three names, one after the other, on one host, while copies of the same pins may be scrubbed elsewhere. Here pools are chosen by name, tier or due date over the fleet, and those that share the fewest pins with the running ones come first.',
  ],
  class: 'background',
  kind: 'fleet',
  Input: z.strictObject({
    pools: z.array(z.string()).min(1).optional().describe('A pool by its name: n1/hot-tier'),
    tier: z.string().optional().describe('Every pool with a store of this tier'),
    due: z.boolean().optional().describe('Every pool whose last scrub is longer ago than procedures.scrub.every'),
    errorsOnly: ErrorsOnly,
  }),
  Plan,
  Settings: ScrubSettings,
  goodFor: minutes(30),
  async plan({ errorsOnly, ...choice }, { world, signal }) {
    const view = await world.view(signal)
    const { pools: chosen, leftOut } = choosePools(view, choice)
    const pools = chosen.map((pool) => planFor(view, pool, { errorsOnly }))
    const shared = await sharedPinsOf(world, pools, peersOf(view), signal)
    return { pools, leftOut, shared, isNamed: choice.pools !== undefined }
  },
  outlook: ({ pools, leftOut }) => ({
    title: `Scrub ${pools.length === 1 ? '1 pool' : `${pools.length} pools`} on ${new Set(pools.map(({ host }) => host)).size} host(s)`,
    takes: durationOf(pools),
    endangers: endangers(
      'Stores answer more slowly while their pool is scrubbed; one pool a host and a tenth of a tier at once.',
      leftOut.map(({ what, why }) => `Left out: ${what}, since ${why}.`),
    ),
  }),
  // Which pools, in whatever order: estimates and counts of shared pins change by themselves.
  essence: ({ pools }) => Object.fromEntries(pools.map((pool) => [keyOf(pool), essenceOf(pool)])),
  async preflight({ pools, leftOut, isNamed }, context) {
    const known: Line[] = [
      ...leftOut.map(({ what, why }): Line => [`${what} is left out`, holds(`${why}; it stays unverified`)]),
      [
        'Each pool is looked at anew right before it is scrubbed',
        holds('one that cannot be scrubbed then fails alone'),
      ],
    ]
    if (!isNamed) return asPreflight(known)
    const lines = await fewAtOnce(looksAtOnce, pools, async (pool) =>
      summary(pool, await scrubPreflight(pool, context)),
    )
    return [...lines.flat(), ...asPreflight(known)]
  },
  phases: ({ pools, shared }) => [
    {
      children: pools.map((pool) => ({
        key: keyOf(pool),
        procedure: 'scrub-pool',
        input: { host: pool.host, pool: pool.pool, errorsOnly: pool.errorsOnly },
        plan: pool,
      })),
      atOnce: pools.length,
      stopAfter,
      order: (waiting, running) => byFewestShared(pools.map(keyOf), shared, waiting, running),
    },
  ],
  examples: scrubExamples,
})

/** One line for a pool that is fit, else those that are against it. */
function summary(pool: PoolPlan, lines: readonly Preflight[]): Preflight[] {
  const against = lines.filter(({ verdict }) => verdict !== 'holds')
  if (against.length > 0) return against
  const degraded = lines.find(({ says }) => says.includes('DEGRADED'))
  return [
    { title: `${keyOf(pool)} can be scrubbed`, verdict: 'holds', says: degraded?.says ?? 'nothing is against it' },
  ]
}
