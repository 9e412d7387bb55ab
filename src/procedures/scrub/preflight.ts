import type { AnsweredHost } from '../../domain/health/view.ts'
import type { PoolStatus } from '../../domain/pool-status.ts'
import { durationText } from '../../domain/text-units.ts'
import { age, type Instant } from '../../domain/units.ts'
import type { PlanContext, Preflight } from '../../engine/procedure.ts'
import { present, privilegesVerdict, schedulerVerdict } from '../parts/host-checks.ts'
import { poolChecks, type PoolReasons } from '../parts/pool-checks.ts'
import { asPreflight, holds, type Line, objection, unknown, type Verdict } from '../parts/verdict.ts'
import type { World } from '../world.ts'
import type { PoolPlan } from './plan.ts'
import { isScrub } from './records.ts'

/** What a pool must not be in the middle of. */
export const scrubReasons: PoolReasons = {
  hangs: 'zpool scrub hangs for ever there on 2.2 and 2.3',
  degraded: 'what can still be read is verified, and repaired where it can be',
  resilvering: 'it is scrubbed when it is not resilvering any more',
  spare: 'a scrub can take the pool offline then (openzfs#17472)',
}

/** What must hold before a pool is scrubbed: looked at anew. */
export async function scrubPreflight(plan: PoolPlan, context: PlanContext<World>): Promise<Preflight[]> {
  const { host, pool, errorsOnly } = plan
  const { world, signal, isResumed = false } = context
  const { lines, now, ofStatus, ofHost } = await poolChecks(plan, scrubReasons, context)
  const { fleet } = await world.view(signal)
  const called = `${pool} on ${host}`
  const all: Line[] = [
    ...lines,
    [
      `nobody else scrubs ${called}`,
      isResumed
        ? holds('the run was begun before: its steps look whose scrub it is')
        : ofStatus((status) => scrubVerdict(status, pool, now)),
    ],
    [
      `nothing else scrubs on ${host} by the clock`,
      ofHost((one) => schedulerVerdict(one, fleet.checks.foreignScheduler.accept)),
    ],
    [`${host} can act with the rights of root`, ofHost(privilegesVerdict)],
  ]
  if (errorsOnly)
    all.push([`${called} can have just its errors scrubbed`, ofHost((one) => errorScrubVerdict(one, pool))])
  return asPreflight(all)
}

/** Nobody else's scrub is in the way. */
export function scrubVerdict({ scans }: PoolStatus, pool: string, now: Instant): Verdict {
  const scrub = scans.find((scan) => isScrub(scan) && (scan.state === 'in-progress' || scan.state === 'paused'))
  if (scrub === undefined) return holds('no scrub is running or paused')
  const begun = scrub.startedAt === undefined ? '' : `, begun ${durationText(age(scrub.startedAt, now))} ago`
  return scrub.state === 'in-progress'
    ? objection(`somebody scrubs it already${begun}: wait until that has ended`)
    : objection(
        `somebody has paused a scrub of it${begun}: go on with it (zpool scrub ${pool}) or end it (zpool scrub -s ${pool}) first`,
      )
}

/** `zpool scrub -e` came with 2.2, and needs the feature head_errlog, without which zpool refuses it and changes nothing. */
export function errorScrubVerdict(host: AnsweredHost, pool: string): Verdict {
  const seen = present(host.observation.zfs?.version, host)
  if ('why' in seen) return unknown(`the version of OpenZFS is not known: ${seen.why}`)
  const { module, userland } = seen.value
  if (module === null) return unknown('the version of the kernel module is not told')
  const old = [module, userland].find((version) => !isAtLeast22(version))
  if (old !== undefined) return objection(`OpenZFS ${old} cannot: --errors-only needs 2.2 or later`)
  const statuses = present(host.observation.zfs?.poolStatus, host)
  if ('why' in statuses) return unknown(`the features of ${pool} are not known: ${statuses.why}`)
  const status = statuses.value.find(({ name }) => name === pool)
  if (status?.statusText?.includes('features are not enabled') === true) {
    return objection('not all features of the pool are enabled: it may lack head_errlog. Scrub all of it instead')
  }
  return holds(`OpenZFS ${module}; should the pool lack head_errlog, zpool refuses and changes nothing`)
}

function isAtLeast22(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return major > 2 || (major === 2 && minor >= 2)
}
