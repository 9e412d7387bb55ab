import { explain } from '../../domain/errors.ts'
import type { PoolOnHost } from '../../domain/health/pools-of-host.ts'
import { type AnsweredHost, answered } from '../../domain/health/view.ts'
import type { Pool } from '../../domain/pool.ts'
import { doesItsWork, type PoolStatus, type Vdev, vdevClasses } from '../../domain/pool-status.ts'
import type { Instant } from '../../domain/units.ts'
import type { PlanContext } from '../../engine/procedure.ts'
import type { World } from '../world.ts'
import { isResilver, type PoolTarget } from './pool.ts'
import { holds, type Line, objection, unknown, type Verdict } from './verdict.ts'

/** Why something is not done to a pool that is in some state: said behind what was seen of it. */
export interface PoolReasons {
  /** Suspended, or imported read-only. */
  hangs: string
  /** Nothing is against a pool that is DEGRADED. */
  degraded: string
  /** Resilvering, or about to. */
  resilvering: string
  /** A spare stands in for a disk. */
  spare: string
}

/** What was seen of one pool: each part, or what is said where it was not seen. */
interface SeenPool {
  state: Seen<string | undefined>
  listed: Seen<Pool>
  status: Seen<PoolStatus>
}
type Seen<T> = { value: T } | { instead: Verdict }

const judge = <T>(seen: Seen<T>, ofValue: (value: T) => Verdict): Verdict =>
  'value' in seen ? ofValue(seen.value) : seen.instead

/** What can be said of one pool and its host right before something is done to it. */
export interface PoolChecks {
  /** It is the one that was planned, does its work, can be written, is not resilvering, and no spare is in use. */
  lines: Line[]
  ofStatus: (ofValue: (status: PoolStatus) => Verdict) => Verdict
  /** By the clock of the host. */
  now: Instant
  /** By the last look of the agent. */
  ofHost: (ofValue: (host: AnsweredHost) => Verdict) => Verdict
}

/** Looks anew, at each once, one after the other: where zpool hangs, one child hangs. What could not be looked at does not hold. */
export async function poolChecks(
  { host, pool, guid: planned }: PoolTarget & { guid: string },
  because: PoolReasons,
  { world, signal }: PlanContext<World>,
): Promise<PoolChecks> {
  const { look } = world.host(host)
  const called = `${pool} on ${host}`
  const seen: SeenPool = {
    state: await seenIn(look('pool-states', {}, signal), (all) => ({ value: all[pool] })),
    listed: await seenIn(look('pools', {}, signal), named(pool, objection(`it is not imported: zpool import ${pool}`))),
    status: await seenIn(
      look('pool-status', {}, signal),
      named(pool, unknown(`zpool status does not tell of ${pool}`)),
    ),
  }
  const view = await world.view(signal)
  const there = answered(view).find(({ name }) => name === host)
  const asPlanned = judge(seen.listed, ({ guid }) =>
    guid === planned
      ? holds(`its guid is ${guid}`)
      : objection(`its guid is ${guid}, and ${planned} was planned: it is another pool`),
  )
  return {
    lines: [[`${called} is the pool that was planned`, asPlanned], ...whatHolds(seen, { pool, called }, because)],
    ofStatus: (ofValue) => judge(seen.status, ofValue),
    now: there?.now ?? view.at,
    ofHost: (ofValue) => (there === undefined ? unknown(`the agent of ${host} does not answer`) : ofValue(there)),
  }
}

/** The same by the last look at it: what would hold it up or be refused now; undefined where nothing is known to be against it. */
export function whyNotNow({ name, status, listed, states }: PoolOnHost, because: PoolReasons): string | undefined {
  if (status === undefined || listed === undefined) return 'it is not imported, or was not seen yet'
  const { state } = states.find((one) => !doesItsWork(one.state)) ?? { state: listed.health }
  const seen: SeenPool = { state: { value: state }, listed: { value: listed }, status: { value: status } }
  const lines = whatHolds(seen, { pool: name, called: name }, because)
  return lines.find(([, { verdict }]) => verdict !== 'holds')?.[1].says
}

async function seenIn<All, T>(look: Promise<All>, pick: (all: All) => Seen<T>): Promise<Seen<T>> {
  try {
    return pick(await look)
  } catch (error) {
    return { instead: unknown(`it cannot be seen: ${explain(error)}`) }
  }
}

const named =
  (pool: string, instead: Verdict) =>
  <T extends { name: string }>(all: readonly T[]): Seen<T> => {
    const value = all.find(({ name }) => name === pool)
    return value === undefined ? { instead } : { value }
  }

const whatHolds = (
  { state, listed, status }: SeenPool,
  { pool, called }: { pool: string; called: string },
  because: PoolReasons,
): Line[] => [
  [`${called} does its work`, judge(state, (value) => stateVerdict(value, pool, because))],
  [
    `${called} is writable`,
    judge(listed, ({ readonly }) =>
      readonly
        ? objection(`it is imported read-only: ${because.hangs}. Import it writable first`)
        : holds('readonly is off'),
    ),
  ],
  [`${called} is not resilvering`, judge(status, (value) => resilverVerdict(value, because))],
  [`no spare is in use in ${called}`, judge(status, (value) => spareVerdict(value, because))],
]

function stateVerdict(state: string | undefined, pool: string, { degraded, hangs }: PoolReasons): Verdict {
  switch (state) {
    case undefined:
      return unknown('the kernel does not tell of it')
    case 'ONLINE':
      return holds('it is ONLINE')
    case 'DEGRADED':
      return holds(`it is DEGRADED, which is no reason against: ${degraded}`)
    case 'SUSPENDED':
      return objection(`it is SUSPENDED: ${hangs}. Bring its disks back and run zpool clear ${pool} first`)
    default:
      return objection(`it is ${state}: bring it back first`)
  }
}

const everyVdev = ({ vdevs }: PoolStatus): Vdev[] => vdevClasses.flatMap((name) => withChildren(vdevs[name]))
const withChildren = (vdevs: readonly Vdev[]): Vdev[] => vdevs.flatMap((vdev) => [vdev, ...withChildren(vdev.children)])

function resilverVerdict(status: PoolStatus, { resilvering }: PoolReasons): Verdict {
  const running = status.scans.find((scan) => isResilver(scan) && scan.state === 'in-progress')
  if (running !== undefined) return objection(`a ${running.kind} is running: ${resilvering}`)
  // In its first seconds a resilver is not told yet; the vdev is.
  const vdev = everyVdev(status).find(({ kind, note }) => kind === 'replacing' || note.includes('awaiting resilver'))
  return vdev === undefined
    ? holds('no resilver and no rebuild is running')
    : objection(`${vdev.name} is being replaced: ${resilvering}`)
}

function spareVerdict(status: PoolStatus, { spare: why }: PoolReasons): Verdict {
  const spare = everyVdev(status).find(({ kind }) => kind === 'spare')
  return spare === undefined
    ? holds('no spare stands in for a disk')
    : objection(`${spare.name}: a spare stands in for a disk, and ${why}. Finish the replacement first`)
}
