import type { Check } from '../check.ts'
import { held, placeOfPool, poolsIn } from '../pools-of-host.ts'

export const poolSuspended: Check = {
  code: 'POOL_SUSPENDED',
  title: 'A pool has stopped all input and output',
  severities: ['critical'],
  explanation: {
    meaning:
      'The kernel, `zpool status` or `zpool list` calls the pool SUSPENDED: too many of its disks stopped answering, and ZFS holds everything until they are back. Whoever reads or writes there hangs; single disks may still be shown as ONLINE.',
    endangers: 'No pin on that pool can be read, and whatever was being written waits in memory only.',
    remedy:
      'Bring back the disks or the path to them, then `zpool clear POOL`. Nothing else first: on 2.2 and 2.3 a `zpool scrub` hangs, an export waits for the same disks, and a reboot loses what waits in memory.',
    sources: [
      'zpoolprops(7), failmode',
      '/proc/spl/kstat/zfs/POOL/state never blocks (measured on 2.1.11 and 2.3.2)',
      '`zpool clear` resumed the pool without loss once the disks were back (measured on 2.1.11 and 2.3.2)',
    ],
  },
  find: (view) =>
    poolsIn(view).flatMap((pool) => {
      const seen = pool.states.filter(({ state }) => state === 'SUSPENDED')
      if (seen.length === 0) return []
      const { name, host, subject } = pool
      return [
        {
          code: 'POOL_SUSPENDED',
          severity: 'critical',
          subject,
          place: placeOfPool(pool),
          summary: `Pool ${name} on ${host.name} has stopped: its disks do not answer, and everything that reads or writes there hangs.`,
          evidence: seen.flatMap(({ evidence }) => evidence),
          endangers: `Until it resumes, nobody can read ${held(pool)}; the last writes are in memory only, and are lost if the host goes down.`,
          remedy: `Bring the disks of ${name} back (cables, controller, power), then run \`zpool clear ${name}\` on ${host.name}. Do not scrub, export or reboot before that.`,
        },
      ]
    }),
}
