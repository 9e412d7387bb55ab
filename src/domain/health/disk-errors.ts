import type { Check } from './check.ts'
import { disksIn } from './disks-of-pool.ts'
import { held } from './pools-of-host.ts'

export const diskErrors: Check = {
  code: 'DISK_ERRORS',
  title: 'A disk that still works has made errors',
  severities: ['warning'],
  explanation: {
    meaning:
      'A disk that is ONLINE or DEGRADED has read, write or checksum errors since the last `zpool clear`, or is DEGRADED because of many. Counts on a mirror or raidz itself, which no single disk is to blame for, are told by POOL_DATA_ERRORS.',
    endangers:
      'ZFS has repaired what it could from the other disks. A disk that errs often fails soon, or its cable does.',
    remedy:
      'Compare with SMART: a cable or controller shows errors on several disks. Clear only after the counts are noted.',
    sources: ['zpool-status(8)', 'zpool-clear(8): resets the counts and repairs nothing'],
  },
  find: (view) =>
    disksIn(view).flatMap(({ leaf, pool, called, place, subject, evidence }) => {
      if (leaf.state !== 'ONLINE' && leaf.state !== 'DEGRADED') return []
      const counts = [
        [leaf.readErrors, 'read'],
        [leaf.writeErrors, 'write'],
        [leaf.checksumErrors, 'checksum'],
      ] as const
      const told = counts.flatMap(([count, word]) => (count === null || count === 0 ? [] : [`${count} ${word}`]))
      if (told.length === 0 && leaf.state === 'ONLINE') return []
      const what = told.length === 0 ? 'too many errors' : `errors (${told.join(', ')})`
      return [
        {
          code: 'DISK_ERRORS',
          severity: 'warning',
          count: counts.reduce((sum, [count]) => sum + (count ?? 0), 0),
          subject,
          place,
          summary: `Disk ${called} of pool ${pool.name} on ${pool.host.name} still works, but has made ${what}.`,
          evidence: evidence(),
          endangers: `A disk that errs often fails soon; each further failure brings ${pool.name} nearer to losing ${held(pool)}.`,
          remedy: `Note the counts, look at \`smartctl -a\` and the cable of ${leaf.name}, then run \`zpool scrub ${pool.name}\` on ${pool.host.name}. If new errors come, replace the disk; if none do, \`zpool clear ${pool.name} ${leaf.name}\`.`,
        },
      ]
    }),
}
