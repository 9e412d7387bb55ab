import { percent } from '../../text-units.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import { held, placeOfPool, poolsIn } from '../pools-of-host.ts'

export const poolFragmented: Check = {
  code: 'POOL_FRAGMENTED',
  title: 'The free space of a pool lies in small pieces',
  severities: ['warning'],
  explanation: {
    meaning:
      '`FRAG` of `zpool list` is at least 50 % in a pool that is at least 70 % full, both settable. FRAG tells of the free space only, not of how files lie, and does no harm where much is free: so a pool with room is not found whatever its FRAG. A pool that does not tell its FRAG is not found either: one that is imported read-only, or could not be opened.',
    endangers: 'Writing becomes slow: ZFS searches for room for each block, and splits blocks where it finds none.',
    remedy:
      'Free space: move pins off, drop snapshots, add a vdev. A scrub, a trim or a resilver changes nothing; there is no defragmenter.',
    settings: ['checks.fragmentation.warning', 'checks.fragmentation.whenFull'],
    sources: [
      'zpoolprops(7), fragmentation',
      'zfs_frag_table of metaslab.c: free pieces of 128 KiB give 64 %, of 1 MiB 43 %, of 16 MiB 17 %',
    ],
  },
  find: (view) => {
    const { warning, whenFull } = view.fleet.checks.fragmentation
    return poolsIn(view).flatMap((pool) => {
      const { name, host, subject, listed } = pool
      const reading = host.observation.zfs?.pools
      if (listed === undefined || reading === undefined || listed.fragmentation === null) return []
      if (listed.fragmentation < warning || listed.capacity < whenFull) return []
      return [
        {
          code: 'POOL_FRAGMENTED',
          severity: 'warning' as const,
          subject,
          place: placeOfPool(pool),
          summary: `The free space of pool ${name} on ${host.name} is ${percent(listed.fragmentation)} fragmented, and the pool is ${percent(listed.capacity)} full.`,
          evidence: [
            ...evidenceFrom(reading, host.now, { FRAG: percent(listed.fragmentation), CAP: percent(listed.capacity) }),
            declared('warned of from', `FRAG ${percent(warning)} at CAP ${percent(whenFull)}`, 'fleet file'),
          ],
          endangers: `New pins are written slowly; nothing is lost. On it are ${held(pool)}.`,
          remedy: `Free space on ${name}: move pins to another store, drop snapshots that nobody needs (\`zfs list -t snapshot -r ${name}\`), or add disks. Do not scrub for it: a scrub moves nothing.`,
        },
      ]
    })
  },
}
