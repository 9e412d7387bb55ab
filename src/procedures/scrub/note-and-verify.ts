import { z } from 'zod'
import { bytesText } from '../../domain/text-units.ts'
import { seconds } from '../../domain/units.ts'
import type { LookContext, Step } from '../../engine/step.ts'
import { Damage, damageInWords, damageOf, things } from '../parts/damage.ts'
import { lookStep } from '../parts/gate-step.ts'
import { statusOf } from '../parts/pool.ts'
import { DiskErrors, errorsOf, errorsSince, PoolErrors } from '../parts/pool-errors.ts'
import type { PoolPlan } from './plan.ts'
import { recordIn, ScrubRecord } from './records.ts'
import type { World } from '../world.ts'

/** What is there before: it must survive a crash, since the scrub takes its place. */
export const Noted = PoolErrors.extend({ last: ScrubRecord.nullable() })
type Noted = z.infer<typeof Noted>

/** What a scrub has found. A scrub that finds damage has done its work. */
const ScrubFound = z.object({
  /** What it comes to, in a sentence or two. */
  summary: z.string(),
  /** Whether all data of the pool was read, and is whole. */
  isWhole: z.boolean(),
  /** Blocks that it could not repair; null where it does not tell (an error scrub). */
  errors: z.number().nullable(),
  /** Bytes. */
  repaired: z.number().nullable(),
  /** Damaged files and objects after it and before; null where the pool does not tell. */
  dataErrors: z.object({ now: z.number().nullable(), before: z.number().nullable() }),
  damage: Damage,
  /** Errors of disks that have come while it ran. */
  disks: z.array(DiskErrors),
})
type ScrubFound = z.infer<typeof ScrubFound>

const listed = ({ host, pool }: PoolPlan) => [{ host, command: `zpool status -v ${pool}` }]

/** Writes down what is there before. */
export const noteStep = (plan: PoolPlan): Step<World, Noted> =>
  lookStep({
    id: 'note',
    title: `Note the errors of ${plan.pool} on ${plan.host} and its last scrub`,
    commands: listed(plan),
    takes: seconds(1),
    Result: Noted,
    async look({ world, signal }) {
      const status = await statusOf(world, plan, signal)
      return { last: recordIn(status), ...errorsOf(status) }
    },
  })

/** Says what the scrub has found: errors, files, blocks and the pins that need them. */
export const verifyStep = (plan: PoolPlan): Step<World, ScrubFound> =>
  lookStep({
    id: 'verify',
    title: `Tell what the scrub of ${plan.pool} on ${plan.host} has found`,
    commands: listed(plan),
    takes: seconds(5),
    Result: ScrubFound,
    look: (context) => find(plan, context),
  })

async function find(plan: PoolPlan, context: LookContext<World>): Promise<ScrubFound> {
  const { world, signal } = context
  const before = Noted.parse(context.resultOf('note'))
  const scrub = ScrubRecord.parse(context.resultOf('scrub'))
  const status = await statusOf(world, plan, signal)
  const { count, paths } = status.dataErrors
  const found = {
    isWhole: scrub.kind === 'scrub' && scrub.extent === 'whole' && scrub.errors === 0 && count === 0,
    errors: scrub.errors,
    repaired: scrub.repaired,
    dataErrors: { now: count, before: before.dataErrors },
    damage: await damageOf(world, plan, paths, signal),
    disks: errorsSince(before, status),
  }
  return { ...found, summary: summaryOf(plan, scrub, found) }
}

function summaryOf({ host, pool }: PoolPlan, { kind }: ScrubRecord, found: Omit<ScrubFound, 'summary'>): string {
  const { isWhole, errors, repaired, dataErrors, damage } = found
  const called = `${pool} on ${host}`
  const mended = repaired !== null && repaired > 0 ? ` It has repaired ${bytesText(repaired)}.` : ''
  if (isWhole) return `${called} was read to its end, and all of it is whole.${mended}`
  const beyondRepair = errors !== null && errors > 0 ? [`${things(errors, 'error')} beyond repair`] : []
  const parts = [...beyondRepair, ...damageInWords(dataErrors.now, damage)]
  if (parts.length === 0 && kind === 'scrub') {
    return `${called} was scrubbed without an error, but it is not told whether all of it was read: a scrub of a part (\`zpool scrub -C\`, \`-S\`, \`-E\`) looks the same.${mended}`
  }
  if (parts.length === 0) return `The list of errors of ${called} was read again, and is empty now.${mended}`
  const how = kind === 'scrub' ? 'was read to its end' : 'has had its list of errors read again'
  return `${called} ${how}: ${parts.join('; ')}.${mended} Restore the files from another holder or a backup, then scrub again.`
}
