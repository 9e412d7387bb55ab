import { z } from 'zod'
import { bytesText } from '../../domain/text-units.ts'
import { seconds } from '../../domain/units.ts'
import type { LookContext, Step } from '../../engine/step.ts'
import { Damage, damageOf } from '../parts/damage.ts'
import { Noted } from './note-step.ts'
import type { PoolPlan } from './plan.ts'
import { lookStep } from '../parts/gate-step.ts'
import { DiskErrors, errorsSince, statusOf } from '../parts/pool.ts'
import { ScrubRecord } from './records.ts'
import type { World } from '../world.ts'

/** What a scrub has found. A scrub that finds damage has done its work. */
export const ScrubFound = z.object({
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
export type ScrubFound = z.infer<typeof ScrubFound>

/** Says what the scrub has found: errors, files, blocks and the pins that need them. */
export function verifyStep(plan: PoolPlan): Step<World, ScrubFound> {
  const { host, pool } = plan
  const find = async (context: LookContext<World>): Promise<ScrubFound> => {
    const { world, signal } = context
    const before = Noted.parse(context.resultOf('note'))
    const scrub = ScrubRecord.parse(context.resultOf('scrub'))
    const status = await statusOf(world, plan, signal)
    const { count, paths } = status.dataErrors
    const damage = await damageOf(world, plan, paths, signal)
    const found = {
      isWhole: scrub.kind === 'scrub' && scrub.extent === 'whole' && scrub.errors === 0 && count === 0,
      errors: scrub.errors,
      repaired: scrub.repaired,
      dataErrors: { now: count, before: before.dataErrors },
      damage,
      disks: errorsSince(before.disks, status),
    }
    return { ...found, summary: summaryOf(plan, scrub, found) }
  }
  return lookStep({
    id: 'verify',
    title: `Tell what the scrub of ${pool} on ${host} has found`,
    commands: [{ host, command: `zpool status -v ${pool}` }],
    takes: seconds(5),
    Result: ScrubFound,
    look: find,
  })
}

function summaryOf({ host, pool }: PoolPlan, { kind }: ScrubRecord, found: Omit<ScrubFound, 'summary'>): string {
  const { isWhole, errors, repaired, dataErrors, damage } = found
  const called = `${pool} on ${host}`
  const mended = repaired !== null && repaired > 0 ? ` It has repaired ${bytesText(repaired)}.` : ''
  if (isWhole) return `${called} was read to its end, and all of it is whole.${mended}`
  const parts: string[] = []
  if (errors !== null && errors > 0) parts.push(`${things(errors, 'error')} beyond repair`)
  if (dataErrors.now === null) parts.push('it does not tell which files are damaged')
  else if (dataErrors.now > 0) parts.push(things(dataErrors.now, 'damaged file or object', 'damaged files or objects'))
  if (dataErrors.now !== null && dataErrors.now > 0 && damage.files.length === 0) {
    parts.push('they are not named without the rights of root')
  }
  if (damage.blocks.length > 0) parts.push(`${things(damage.blocks.length, 'block')} of Kubo in them`)
  if (damage.pins.length > 0) {
    const named = damage.pins.slice(0, 3).map(({ cid, store }) => `${cid} (${store})`)
    parts.push(
      `${things(damage.pins.length, 'pin')} endangered: ${named.join(', ')}${damage.pins.length > 3 ? ', …' : ''}`,
    )
  }
  if (damage.unclaimed.length > 0) {
    parts.push(`of ${things(damage.unclaimed.length, 'block')} it is not known yet which pins need it`)
  }
  if (parts.length === 0 && kind === 'scrub') {
    return `${called} was scrubbed without an error, but it is not told whether all of it was read: a scrub of a part (\`zpool scrub -C\`, \`-S\`, \`-E\`) looks the same.${mended}`
  }
  if (parts.length === 0) return `The list of errors of ${called} was read again, and is empty now.${mended}`
  const how = kind === 'scrub' ? 'was read to its end' : 'has had its list of errors read again'
  return `${called} ${how}: ${parts.join('; ')}.${mended} Restore the files from another holder or a backup, then scrub again.`
}

const things = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
