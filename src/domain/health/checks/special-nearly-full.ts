import { bytesText, percent } from '../../text-units.ts'
import { shareOf } from '../../units.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import { held, placeOfPool, poolsIn } from '../pools-of-host.ts'

export const specialNearlyFull: Check = {
  code: 'SPECIAL_NEARLY_FULL',
  title: 'A special or dedup vdev is nearly full',
  severities: ['critical', 'warning'],
  explanation: {
    meaning:
      'A vdev of the class `special` (metadata, and small blocks where `special_small_blocks` is set) or `dedup` is at least 70 % full; critical from 75 %, since the last quarter is kept for metadata (`zfs_special_class_metadata_reserve_pct`): from there on small blocks go to the slow disks, and nobody is told.',
    endangers:
      'Small blocks, then metadata too, are written to the slow disks: the pool works, and becomes slow. What went there stays there.',
    remedy:
      'Add another special vdev as redundant as the data, or lower `special_small_blocks`. Only what is written from then on goes by it.',
    settings: ['checks.specialFill.warning', 'checks.specialFill.critical'],
    sources: [
      'zpoolconcepts(7), Special Allocation Class',
      'zfs(4), zfs_special_class_metadata_reserve_pct: 25',
      '`zpool list -HpvP` shows each vdev by its class (recorded on 2.1.11, 2.3.2, 2.3.9 and 2.4.4)',
    ],
  },
  find: (view) => {
    const { warning, critical } = view.fleet.checks.specialFill
    return poolsIn(view).flatMap((pool) => {
      const { name, host, subject, listed } = pool
      const reading = host.observation.zfs?.pools
      if (listed === undefined || reading === undefined) return []
      return listed.vdevs
        .filter((vdev) => vdev.class === 'special' || vdev.class === 'dedup')
        .flatMap((vdev) => {
          const share = shareOf(vdev.allocated, vdev.size)
          if (share < warning) return []
          return [
            {
              code: 'SPECIAL_NEARLY_FULL',
              severity: share >= critical ? ('critical' as const) : ('warning' as const),
              subject: `${subject}/${vdev.name}`,
              place: placeOfPool(pool),
              summary: `The ${vdev.class} vdev ${vdev.name} of pool ${name} on ${host.name} is ${percent(share)} full.`,
              evidence: [
                ...evidenceFrom(reading, host.now, {
                  [`allocated on ${vdev.name}`]: bytesText(vdev.allocated),
                  [`size of ${vdev.name}`]: bytesText(vdev.size),
                }),
                declared('thresholds', `warning ${percent(warning)}, critical ${percent(critical)}`, 'fleet file'),
              ],
              endangers: `No data: but what no longer fits goes to the slow disks of ${name} for good, and everything on it becomes slow: ${held(pool)}.`,
              remedy: `Add a second ${vdev.class} vdev, as redundant as the data: \`zpool add ${name} ${vdev.class} mirror DISK DISK\` (look at \`zpool add -n\` first: it cannot be taken back on a pool with raidz).${vdev.class === 'special' ? ' Or lower special_small_blocks, for what is written from then on.' : ''}`,
            },
          ]
        })
    })
  },
}
