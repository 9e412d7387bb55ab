import { doesItsWork, type PoolStatus, type Vdev } from '../../pool-status.ts'
import type { Check } from '../check.ts'
import { held, placeOfPool, type PoolOnHost, poolsIn, statusEvidence } from '../pools-of-host.ts'
import { danger, isBare, leafName, leftText, placedLeaves, weakest } from '../redundancy.ts'

export const poolDegraded: Check = {
  code: 'POOL_DEGRADED',
  title: 'A pool works with less redundancy than it should have',
  severities: ['critical', 'warning'],
  explanation: {
    meaning:
      'The kernel, `zpool status` or `zpool list` calls the pool DEGRADED, or a mirror, raidz or draid in it is not ONLINE. Critical when some part of it can lose no further disk, or when it is not known how many it can; warning while every part still can lose one.',
    endangers: 'Everything can still be read. The finding says how many more disks may fail before the pool is lost.',
    remedy: 'The DISK_ findings name the disks. Bring them back or replace them, wait for the resilver, then scrub.',
    sources: ['zpoolconcepts(7), Device Failure and Recovery', 'zpool-replace(8)'],
  },
  find: (view) => poolsIn(view).flatMap((pool) => judge(pool)),
}

function judge(pool: PoolOnHost): ReturnType<Check['find']> {
  const { name, host, subject, status, states } = pool
  // A worse state is told by POOL_SUSPENDED and POOL_FAULTED, and says all of this and more.
  if (states.some(({ state }) => !doesItsWork(state))) return []
  const degraded = states.filter(({ state }) => state === 'DEGRADED')
  const groups = status === undefined ? [] : groupsNotOnline(status)
  if (degraded.length === 0 && groups.length === 0) return []
  const weak = status === undefined ? undefined : weakest(status)
  const critical = status === undefined || groups.some(isLost) || (weak !== undefined && isBare(weak))
  return [
    {
      code: 'POOL_DEGRADED',
      severity: critical ? 'critical' : 'warning',
      subject,
      place: placeOfPool(pool),
      summary: `Pool ${name} on ${host.name} works, but with less protection than it should have${causes(status)}.`,
      evidence: [
        ...degraded.flatMap(({ evidence }) => evidence),
        ...statusEvidence(pool, Object.fromEntries(groups.map((group) => [`state of ${group.name}`, group.state]))),
        ...(weak === undefined
          ? []
          : statusEvidence(pool, { [`disks that ${weak.vdev.name} can still lose`]: leftText(weak) })),
        ...(status?.statusText === undefined ? [] : statusEvidence(pool, { 'in its own words': status.statusText })),
      ],
      endangers:
        weak === undefined
          ? `It is not known how many more disks ${name} can lose; with it goes ${held(pool)}.`
          : danger(weak, held(pool)),
      remedy: `Bring back or replace the disks named by the DISK_ findings, wait until the resilver has ended, then run \`zpool scrub ${name}\`. Take no other disk of ${name} out before that.`,
    },
  ]
}

/** Interior vdevs that are not ONLINE; a pool can be told ONLINE by one look and its parts not by another. */
function groupsNotOnline({ vdevs }: PoolStatus): Vdev[] {
  const interior = (vdev: Vdev): Vdev[] =>
    vdev.children.length === 0 ? [] : [vdev, ...vdev.children.flatMap((child) => interior(child))]
  return Object.values(vdevs)
    .flat()
    .flatMap((vdev) => interior(vdev))
    .filter(({ state }) => state !== 'ONLINE')
}

const isLost = ({ state }: Vdev): boolean => state !== 'DEGRADED'

function causes(status: PoolStatus | undefined): string {
  if (status === undefined) return ''
  const bad = placedLeaves(status).filter(
    ({ leaf, margin, class: name }) =>
      (margin !== undefined || name === 'log') && leaf.state !== 'ONLINE' && leaf.state !== 'AVAIL',
  )
  const named = bad.slice(0, 3).map(({ leaf }) => `${leafName(leaf)} is ${leaf.state}`)
  const more = bad.length > named.length ? ` and ${bad.length - named.length} more` : ''
  return named.length === 0 ? '' : `: ${named.join(', ')}${more}`
}
