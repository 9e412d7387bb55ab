import { z } from 'zod'
import { minutes, seconds } from '../../domain/units.ts'
import type { LookContext, Step } from '../../engine/step.ts'
import type { PoolPlan } from './plan.ts'
import { DiskErrors, errorsOfDisks, recordOf, ScrubRecord, scrubIn, statusOf } from './records.ts'
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
export function noteStep(plan: PoolPlan): Step<World, Noted> {
  const { host, pool } = plan
  const note = async ({ world, signal }: LookContext<World>): Promise<Noted> => {
    const status = await statusOf(world, plan, signal)
    const last = scrubIn(status)
    return {
      last: last === undefined ? null : recordOf(last),
      dataErrors: status.dataErrors.count,
      files: status.dataErrors.paths.slice(0, maxFiles),
      disks: errorsOfDisks(status),
    }
  }
  return {
    id: 'note',
    title: `Note the errors of ${pool} on ${host} and its last scrub`,
    commands: [{ host, command: `zpool status -v ${pool}` }],
    takes: seconds(1),
    deadline: minutes(2),
    Result: Noted,
    look: async (context) => ({ state: 'done', result: await note(context) }),
    run: note,
    undo: { kind: 'nothing', because: 'it has only looked' },
  }
}
