import { percent } from '../../text-units.ts'
import { shareOf } from '../../units.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Finding } from '../finding.ts'
import { answered } from '../view.ts'

export const inodesLow: Check = {
  code: 'INODES_LOW',
  title: 'A file system of the host has few inodes left',
  severities: ['critical', 'warning'],
  explanation: {
    meaning:
      'Of the file systems under /, /var and /tmp, those with a fixed number of inodes (ext4, for example): at least 90 % of them are in use; critical from 95 %. ZFS and btrfs make inodes as they are needed: they run out of space, which POOL_NEARLY_FULL and DATASET_QUOTA_NEAR tell, and never of inodes alone.',
    endangers:
      'No new file can be made there, whatever space is free: the journal, package updates, the sockets and state of daemons, and the agent’s own index.',
    remedy: 'Find the folder with very many small files, and remove those that nobody needs.',
    settings: ['checks.inodes.warning', 'checks.inodes.critical'],
    sources: ['df(1), --output', 'mke2fs(8), -i: the number is fixed when the file system is made'],
  },
  find: (view) => {
    const { warning, critical } = view.fleet.checks.inodes
    return answered(view).flatMap((host) => {
      const reading = host.observation.machine.filesystems
      return (reading.last?.value ?? []).flatMap(({ mountpoint, type, inodes }): Finding[] => {
        const share = shareOf(inodes.total - inodes.free, inodes.total)
        if (share < warning) return []
        return [
          {
            code: 'INODES_LOW',
            severity: share >= critical ? 'critical' : 'warning',
            subject: `${host.name}/filesystem:${mountpoint}`,
            place: { kind: 'host', host: host.name },
            summary: `${percent(share)} of the inodes of ${mountpoint} on ${host.name} are in use.`,
            evidence: [
              ...evidenceFrom(reading, host.now, {
                [`inodes of ${mountpoint}`]: inodes.total,
                [`free inodes of ${mountpoint}`]: inodes.free,
                'file system': type,
              }),
              declared('thresholds', `warning ${percent(warning)}, critical ${percent(critical)}`, 'fleet file'),
            ],
            endangers: `Without inodes no file can be made on ${mountpoint}: the daemons of ${host.name} fail in odd ways, though \`df\` shows free space.`,
            remedy: `Run \`du --inodes -x ${mountpoint} | sort -n | tail\` on ${host.name} to find the folder with very many files, and remove those that nobody needs.`,
          },
        ]
      })
    })
  },
}
