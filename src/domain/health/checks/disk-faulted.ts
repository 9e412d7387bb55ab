import type { VdevState } from '../../pool-status.ts'
import type { Check } from '../check.ts'
import { disksIn, endangeredBy, severityOfLoss } from '../disks-of-pool.ts'

/** States in which a disk gives nothing, and nobody took it out on purpose. */
const dead: readonly VdevState[] = ['FAULTED', 'UNAVAIL', 'SPLIT', 'UNKNOWN']

export const diskFaulted: Check = {
  code: 'DISK_FAULTED',
  title: 'A disk has failed or cannot be opened',
  severities: ['critical', 'warning'],
  explanation: {
    meaning:
      'A disk, or another leaf of a pool, is FAULTED (ZFS gave it up) or UNAVAIL (it cannot be opened), or in a state that only a damaged pool has. Critical when its part of the pool can lose no further disk; warning while it can, and for caches and logs.',
    endangers: 'Redundancy. The finding says what the next failure would cost.',
    remedy: 'Look at cables, controller and SMART first; then `zpool online` for a disk that is well, or replace it.',
    sources: ['zpoolconcepts(7), Device Failure and Recovery', 'zpool-status(8)'],
  },
  find: (view) =>
    disksIn(view).flatMap((disk) => {
      const { leaf, pool, called, place, subject, evidence } = disk
      // A spare is the business of SPARE_UNUSABLE.
      if (disk.class === 'spare' || !dead.includes(leaf.state)) return []
      const how = leaf.state === 'FAULTED' ? 'has failed' : 'cannot be used'
      return [
        {
          code: 'DISK_FAULTED',
          severity: severityOfLoss(disk),
          subject,
          place,
          summary: `Disk ${called} of pool ${pool.name} on ${pool.host.name} ${how}: ${[leaf.state, leaf.note].filter(Boolean).join(', ')}.`,
          evidence: evidence(),
          endangers: endangeredBy(disk),
          remedy: `Check its cable, controller and SMART values. If the disk is well, run \`zpool online ${pool.name} ${leaf.name}\` (or \`zpool clear ${pool.name} ${leaf.name}\` if ZFS gave it up); if not, put in a blank disk that is no smaller and run \`zpool replace ${pool.name} ${leaf.name} NEW\`.`,
        },
      ]
    }),
}
