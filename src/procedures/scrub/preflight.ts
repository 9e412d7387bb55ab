import { type AnsweredHost, answered } from '../../domain/health/view.ts'
import type { Pool } from '../../domain/pool.ts'
import type { PoolStatus, Vdev } from '../../domain/pool-status.ts'
import { vdevClasses } from '../../domain/pool-status.ts'
import { durationText } from '../../domain/text-units.ts'
import { age, type Instant } from '../../domain/units.ts'
import type { PlanContext, Preflight } from '../../engine/procedure.ts'
import { errorScrubVerdict, privilegesVerdict, schedulerVerdict } from '../parts/host-checks.ts'
import type { PoolPlan } from './plan.ts'
import { isResilver, isScrub } from './records.ts'
import { holds, judged, objection, unknown, type Verdict } from '../parts/verdict.ts'
import type { World } from '../world.ts'

/** What must hold before a pool is scrubbed: looked at anew. What could not be looked at does not hold. */
export async function scrubPreflight(plan: PoolPlan, context: PlanContext<World>): Promise<Preflight[]> {
  const { host, pool, errorsOnly } = plan
  const { world, signal, isResumed = false } = context
  const at = world.host(host)
  // Asked once each, one after the other: where zpool hangs, one child hangs.
  const states = await settled(at.look('pool-states', {}, signal))
  const pools = await settled(at.look('pools', {}, signal))
  const statuses = await settled(at.look('pool-status', {}, signal))
  const view = await world.view(signal)
  const there = answered(view).find(({ name }) => name === host)
  const ofHost = (judge: (host: AnsweredHost) => Verdict): Verdict =>
    there === undefined ? unknown(`the agent of ${host} does not answer`) : judge(there)
  const ofStatus = (judge: (status: PoolStatus) => Verdict): Promise<Verdict> =>
    judged(statuses(), (all) => {
      const status = all.find(({ name }) => name === pool)
      return status === undefined ? unknown(`zpool status does not tell of ${pool}`) : judge(status)
    })
  const ofPool = (judge: (pool: Pool) => Verdict): Promise<Verdict> =>
    judged(pools(), (all) => {
      const listed = all.find(({ name }) => name === pool)
      return listed === undefined ? objection(`it is not imported: zpool import ${pool}`) : judge(listed)
    })
  const ago = (then: Instant) => `${durationText(age(then, there?.now ?? view.at))} ago`
  const called = `${pool} on ${host}`
  const lines: [string, Verdict][] = [
    [`${called} is the pool that was planned`, await ofPool(({ guid }) => guidVerdict(guid, plan.guid))],
    [`${called} does its work`, await judged(states(), (all) => stateVerdict(all[pool], pool))],
    [`${called} is writable`, await ofPool(readonlyVerdict)],
    [`${called} is not resilvering`, await ofStatus(resilverVerdict)],
    [`no spare is in use in ${called}`, await ofStatus(spareVerdict)],
    [
      `nobody else scrubs ${called}`,
      isResumed
        ? holds('the run was begun before: its steps look whose scrub it is')
        : await ofStatus((status) => scrubVerdict(status, pool, ago)),
    ],
    [
      `nothing else scrubs on ${host} by the clock`,
      ofHost((one) => schedulerVerdict(one, view.fleet.checks.foreignScheduler.accept)),
    ],
    [`${host} can act with the rights of root`, ofHost(privilegesVerdict)],
  ]
  if (errorsOnly) {
    lines.push([`${called} can have just its errors scrubbed`, ofHost((one) => errorScrubVerdict(one, pool))])
  }
  return lines.map(([title, verdict]) => ({ title, ...verdict }))
}

/** The same answer, or the same error, as often as it is asked for. */
async function settled<T>(look: Promise<T>): Promise<() => Promise<T>> {
  const [result] = await Promise.allSettled([look])
  return async () => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  }
}

const guidVerdict = (guid: string, planned: string): Verdict =>
  guid === planned
    ? holds(`its guid is ${guid}`)
    : objection(`its guid is ${guid}, and ${planned} was planned: it is another pool`)

const readonlyVerdict = ({ readonly }: Pool): Verdict =>
  readonly
    ? objection('it is imported read-only: zpool scrub hangs for ever there on 2.2 and 2.3. Import it writable first')
    : holds('readonly is off')

function stateVerdict(state: string | undefined, pool: string): Verdict {
  switch (state) {
    case undefined:
      return unknown('the kernel does not tell of it')
    case 'ONLINE':
      return holds('it is ONLINE')
    case 'DEGRADED':
      return holds(
        'it is DEGRADED, which is no reason against: what can still be read is verified, and repaired where it can be',
      )
    case 'SUSPENDED':
      return objection(
        `it is SUSPENDED: zpool scrub hangs for ever there on 2.2 and 2.3. Bring its disks back and run zpool clear ${pool} first`,
      )
    default:
      return objection(`it is ${state}: bring it back first`)
  }
}

const everyVdev = ({ vdevs }: PoolStatus): Vdev[] => vdevClasses.flatMap((name) => withChildren(vdevs[name]))
const withChildren = (vdevs: readonly Vdev[]): Vdev[] => vdevs.flatMap((vdev) => [vdev, ...withChildren(vdev.children)])

function resilverVerdict(status: PoolStatus): Verdict {
  const running = status.scans.find((scan) => isResilver(scan) && scan.state === 'in-progress')
  if (running !== undefined) return objection(`a ${running.kind} is running: scrub when it has ended`)
  // In its first seconds a resilver is not told yet; the vdev is.
  const vdev = everyVdev(status).find(({ kind, note }) => kind === 'replacing' || note.includes('awaiting resilver'))
  return vdev === undefined
    ? holds('no resilver and no rebuild is running')
    : objection(`${vdev.name} is being replaced: scrub when that has ended`)
}

function spareVerdict(status: PoolStatus): Verdict {
  const spare = everyVdev(status).find(({ kind }) => kind === 'spare')
  return spare === undefined
    ? holds('no spare stands in for a disk')
    : objection(
        `${spare.name}: a spare stands in for a disk, and a scrub can take the pool offline then (openzfs#17472). Finish the replacement first`,
      )
}

function scrubVerdict({ scans }: PoolStatus, pool: string, ago: (then: Instant) => string): Verdict {
  const scrub = scans.find((scan) => isScrub(scan) && (scan.state === 'in-progress' || scan.state === 'paused'))
  if (scrub === undefined) return holds('no scrub is running or paused')
  const begun = scrub.startedAt === undefined ? '' : `, begun ${ago(scrub.startedAt)}`
  return scrub.state === 'in-progress'
    ? objection(`somebody scrubs it already${begun}: wait until that has ended`)
    : objection(
        `somebody has paused a scrub of it${begun}: go on with it (zpool scrub ${pool}) or end it (zpool scrub -s ${pool}) first`,
      )
}
