import type { Check } from '../check.ts'
import { disksIn, endangeredBy, severityOfLoss } from '../disks-of-pool.ts'

export const diskRemoved: Check = {
  code: 'DISK_REMOVED',
  title: 'A disk was pulled, or taken offline',
  severities: ['critical', 'warning'],
  explanation: {
    meaning:
      'A disk is REMOVED: it went away while the system ran. Critical when its part of the pool can lose no further disk, else warning. Or it is OFFLINE: somebody ran `zpool offline`. That is meant, so it is a warning, which stays until the disk is back; POOL_DEGRADED says how near the loss is.',
    endangers: 'Redundancy. The finding says what the next failure would cost.',
    remedy: 'Put the disk back, or `zpool online` it; replace it if it does not return.',
    sources: ['zpoolconcepts(7), Device Failure and Recovery', 'zpool-offline(8)'],
  },
  find: (view) =>
    disksIn(view).flatMap((disk) => {
      const { leaf, pool, called, place, subject, evidence } = disk
      if (disk.class === 'spare' || (leaf.state !== 'REMOVED' && leaf.state !== 'OFFLINE')) return []
      const offline = leaf.state === 'OFFLINE'
      return [
        {
          code: 'DISK_REMOVED',
          severity: offline ? 'warning' : severityOfLoss(disk),
          subject,
          place,
          summary: offline
            ? `Disk ${called} of pool ${pool.name} on ${pool.host.name} was taken offline by somebody, and is still out.`
            : `Disk ${called} of pool ${pool.name} on ${pool.host.name} is gone: it was pulled, or lost its connection.`,
          evidence: evidence(),
          endangers: endangeredBy(disk),
          remedy: offline
            ? `When the work on it is done, run \`zpool online ${pool.name} ${leaf.name}\` on ${pool.host.name}, and wait for the resilver.`
            : `Check that the disk sits and has power, then run \`zpool online ${pool.name} ${leaf.name}\` on ${pool.host.name}. If it does not come back, put in a blank disk that is no smaller and run \`zpool replace ${pool.name} ${leaf.name} NEW\`.`,
        },
      ]
    }),
}
