// Larger than most: ZFS does not tell whose scrub it is, and what it has found is told down to the pins.
import { z } from 'zod'
import { minutes } from '../../domain/units.ts'
import { procedure } from '../../engine/procedure.ts'
import { alone, backgroundLoad } from '../parts/load.ts'
import { findPool } from '../parts/pool.ts'
import { scrubPoolExamples } from './examples.ts'
import { noteStep, verifyStep } from './note-and-verify.ts'
import { endangers, ErrorsOnly, essenceOf, planFor, PoolPlan } from './plan.ts'
import { scrubPreflight } from './preflight.ts'
import { scrubStep } from './scrub-step.ts'
import type { World } from '../world.ts'

/** Runbook 4.1: all data of one pool is read and verified. */
export const scrubPool = procedure<World>()({
  name: 'scrub-pool',
  title: 'Scrub one pool',
  about:
    'Reads everything on a pool, verifies it, and repairs what there is a good copy of; then says what could not be repaired, by file, block and pin. It takes hours to weeks, is paused outside of its window, and outlives a restart of its host. A pool that is DEGRADED is scrubbed too: that is when it matters. It takes the place of the runbook’s script of zpool scrub by cron, which starts scrubs on all pools of all hosts in the same hour, also on pools where the command hangs, and looks at nothing afterwards.',
  corrects: [
    'Chapter 4, scrubs: "Scrub completed" is printed by the runbook also where the scrub was refused. Here the record of the scrub is looked at: that it is another than the last one, that it came to its end, and with how many errors.',
    'Chapter 4, scrubs: a DEGRADED pool is skipped by the usual cron job. It is scrubbed.',
    'On a suspended or read-only pool `zpool scrub` hangs for ever on OpenZFS 2.2 and 2.3, and with a spare in use a scrub can take a pool offline (openzfs#17472). Such pools are not touched.',
  ],
  class: 'background',
  kind: 'steps',
  Input: z.strictObject({
    host: z.string().describe('The host of the pool'),
    pool: z.string().describe('The pool'),
    errorsOnly: ErrorsOnly,
  }),
  Plan: PoolPlan,
  goodFor: minutes(30),
  async plan(input, { world, signal }) {
    const view = await world.view(signal)
    return planFor(view, findPool(view, input), input)
  },
  outlook: ({ host, pool, errorsOnly, stores, takes }) => ({
    title: `Scrub ${pool} on ${host}${errorsOnly ? ' (errors only)' : ''}`,
    takes: takes ?? undefined,
    endangers: endangers(
      `${stores.length === 0 ? 'What lies on the pool' : stores.map((store) => `${host}/${store}`).join(', ')} answers more slowly while it runs.`,
    ),
  }),
  essence: essenceOf,
  preflight: scrubPreflight,
  locks: ({ host, pool, tiers }) => [alone(host, `pool:${pool}`), ...backgroundLoad(host, tiers)],
  steps: (plan) => [noteStep(plan), scrubStep(plan), verifyStep(plan)],
  examples: scrubPoolExamples,
})
