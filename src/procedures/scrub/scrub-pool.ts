// Larger than most: ZFS does not tell whose scrub it is, and what it has found is told down to the pins.
import { z } from 'zod'
import { minutes } from '../../domain/units.ts'
import { procedure } from '../../engine/procedure.ts'
import { noteStep } from './note-step.ts'
import { scrubPoolExamples } from './examples.ts'
import { keyOf } from '../parts/pool.ts'
import { essenceOf, planOfPool, PoolPlan } from './plan.ts'
import { scrubPreflight } from './preflight.ts'
import { scrubStep } from './scrub-step.ts'
import { verifyStep } from './verify-step.ts'
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
    errorsOnly: z
      .boolean()
      .default(false)
      .describe('Read only the blocks in its list of errors (OpenZFS 2.2 and later)'),
  }),
  Plan: PoolPlan,
  goodFor: minutes(30),
  plan: async (input, { world, signal }) => planOfPool(await world.view(signal), input),
  outlook: (plan) => ({
    title: `Scrub ${plan.pool} on ${plan.host}${plan.errorsOnly ? ' (errors only)' : ''}`,
    takes: plan.takes ?? undefined,
    endangers: [
      'No data: a scrub reads, and writes only what it repairs.',
      `${plan.stores.length === 0 ? 'What lies on the pool' : plan.stores.map((store) => `${plan.host}/${store}`).join(', ')} answers more slowly while it runs.`,
      'Stopped half-way, it makes ZFS empty its list of damaged files, read or not (POOL_DATA_ERRORS remembers them): let it end.',
    ],
  }),
  essence: essenceOf,
  preflight: scrubPreflight,
  locks: (plan) => [
    { key: `pool:${keyOf(plan)}`, capacity: 1 },
    { key: `background:host:${plan.host}`, capacity: 1 },
    ...plan.tiers.map(({ name, atOnce }) => ({ key: `background:tier:${name}`, capacity: atOnce })),
  ],
  steps: (plan) => [noteStep(plan), scrubStep(plan), verifyStep(plan)],
  examples: scrubPoolExamples,
})
