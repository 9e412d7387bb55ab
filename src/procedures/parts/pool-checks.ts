import { type AnsweredHost, answered } from '../../domain/health/view.ts'
import type { Pool } from '../../domain/pool.ts'
import { type PoolStatus, type Vdev, vdevClasses } from '../../domain/pool-status.ts'
import type { Instant } from '../../domain/units.ts'
import type { PlanContext } from '../../engine/procedure.ts'
import type { World } from '../world.ts'
import { isResilver, type PoolTarget } from './pool.ts'
import { holds, judged, objection, unknown, type Verdict } from './verdict.ts'

/** One thing that must hold, with what was seen of it. */
export type Line = [title: string, verdict: Verdict]

/** What can be said of one pool and its host right before something is done to it. */
export interface PoolChecks {
  /** It is the one that was planned, does its work, can be written, is not resilvering, and no spare is in use. */
  lines: Line[]
  ofStatus: (judge: (status: PoolStatus) => Verdict) => Promise<Verdict>
  /** By the clock of the host. */
  now: Instant
  /** By the last look of the agent. */
  ofHost: (judge: (host: AnsweredHost) => Verdict) => Verdict
}

/** Looks anew, at each once, one after the other: where zpool hangs, one child hangs. What could not be looked at does not hold. */
export async function poolChecks(
  { host, pool, guid: planned }: PoolTarget & { guid: string },
  { world, signal }: PlanContext<World>,
): Promise<PoolChecks> {
  const at = world.host(host)
  const states = await settled(at.look('pool-states', {}, signal))
  const pools = await settled(at.look('pools', {}, signal))
  const statuses = await settled(at.look('pool-status', {}, signal))
  const view = await world.view(signal)
  const there = answered(view).find(({ name }) => name === host)
  const ofStatus: PoolChecks['ofStatus'] = (judge) =>
    judged(statuses(), (all) => {
      const status = all.find(({ name }) => name === pool)
      return status === undefined ? unknown(`zpool status does not tell of ${pool}`) : judge(status)
    })
  const ofPool = (judge: (pool: Pool) => Verdict): Promise<Verdict> =>
    judged(pools(), (all) => {
      const listed = all.find(({ name }) => name === pool)
      return listed === undefined ? objection(`it is not imported: zpool import ${pool}`) : judge(listed)
    })
  const called = `${pool} on ${host}`
  return {
    now: there?.now ?? view.at,
    ofStatus,
    ofHost: (judge) => (there === undefined ? unknown(`the agent of ${host} does not answer`) : judge(there)),
    lines: [
      [`${called} is the pool that was planned`, await ofPool(({ guid }) => guidVerdict(guid, planned))],
      [`${called} does its work`, await judged(states(), (all) => stateVerdict(all[pool], pool))],
      [`${called} is writable`, await ofPool(readonlyVerdict)],
      [`${called} is not resilvering`, await ofStatus(resilverVerdict)],
      [`no spare is in use in ${called}`, await ofStatus(spareVerdict)],
    ],
  }
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
