import { z } from 'zod'
import { seconds } from '../../domain/units.ts'
import type { Step } from '../../engine/step.ts'
import type { PoolPlan } from './plan.ts'
import { lookStep } from '../parts/gate-step.ts'
import { DiskErrors, errorsOfDisks, statusOf } from '../parts/pool.ts'
import { recordOf, ScrubRecord, scrubIn } from './records.ts'
import type { World } from '../world.ts'

/** How many damaged files are kept by name. */
const maxFiles = 1000

/** What a pool says of its errors before it is scrubbed: it must survive a crash, since the scrub takes its place. */
export const Noted = z.object({
  last: ScrubRecord.nullable(),
  /** null where it does not tell. */
  dataErrors: z.number().nullable(),
  files: z.array(z.string()),
  disks: z.array(DiskErrors),
})
export type Noted = z.infer<typeof Noted>

/** Writes down what is there before. */
export const noteStep = (plan: PoolPlan): Step<World, Noted> =>
  lookStep({
    id: 'note',
    title: `Note the errors of ${plan.pool} on ${plan.host} and its last scrub`,
    commands: [{ host: plan.host, command: `zpool status -v ${plan.pool}` }],
    takes: seconds(1),
    Result: Noted,
    async look({ world, signal }) {
      const status = await statusOf(world, plan, signal)
      const last = scrubIn(status)
      return {
        last: last === undefined ? null : recordOf(last),
        dataErrors: status.dataErrors.count,
        files: status.dataErrors.paths.slice(0, maxFiles),
        disks: errorsOfDisks(status),
      }
    },
  })
