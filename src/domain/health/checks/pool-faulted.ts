import type { PoolState } from '../../pool-status.ts'
import type { Check } from '../check.ts'
import type { Finding } from '../finding.ts'
import { held, placeOfPool, poolsIn, statusEvidence } from '../pools-of-host.ts'

/** States in which nothing of a pool can be read. */
const dead: readonly PoolState[] = ['FAULTED', 'UNAVAIL', 'OFFLINE', 'REMOVED']

export const poolFaulted: Check = {
  code: 'POOL_FAULTED',
  title: 'A pool cannot be used',
  severities: ['critical', 'unknown'],
  explanation: {
    meaning:
      'The kernel, `zpool status` or `zpool list` calls the pool FAULTED or UNAVAIL (also OFFLINE or REMOVED): too much of it is missing or damaged. A state that Tiercel does not know is unknown.',
    endangers: 'No pin on that pool can be read. Often only disks are away, and the data is still there.',
    remedy:
      'Find the missing disks first. Nothing that writes to the disks, before a copy of them or of the data exists.',
    sources: ['zpoolconcepts(7), Device Failure and Recovery', 'zpool-status(8)'],
  },
  find: (view) =>
    poolsIn(view).flatMap((pool): Finding[] => {
      const { name, host, subject, status } = pool
      const broken = pool.states.filter(({ state }) => dead.includes(state))
      const strange = pool.states.filter(({ state }) => state === 'UNKNOWN')
      const common = { code: 'POOL_FAULTED', subject, place: placeOfPool(pool) }
      const words =
        status?.statusText === undefined ? [] : statusEvidence(pool, { 'in its own words': status.statusText })
      const [first] = broken
      if (first !== undefined) {
        return [
          {
            ...common,
            severity: 'critical',
            summary: `Pool ${name} on ${host.name} cannot be used: it is ${first.state}.`,
            evidence: [...broken.flatMap(({ evidence }) => evidence), ...words],
            endangers: `Nobody can read ${held(pool)}; other holders are the only ones left.`,
            remedy: `Run \`zpool status -v ${name}\` on ${host.name} and bring back the disks that it does not find (cables, controller, power), then \`zpool clear ${name}\`. Write nothing to its disks; if it stays as it is, restore the store from other holders or a backup onto other disks.`,
          },
        ]
      }
      if (strange.length === 0) return []
      return [
        {
          ...common,
          severity: 'unknown',
          summary: `Pool ${name} on ${host.name} is in a state that Tiercel does not know.`,
          evidence: [...strange.flatMap(({ evidence }) => evidence), ...words],
          endangers: `It is not known whether this host can still read ${held(pool)}.`,
          remedy: `If it is being imported or exported, look again in a minute; otherwise run \`zpool status -v ${name}\` on ${host.name}.`,
        },
      ]
    }),
}
