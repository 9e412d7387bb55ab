import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { answered } from '../view.ts'

export const zfsModuleMismatch: Check = {
  code: 'ZFS_MODULE_MISMATCH',
  title: 'The programs of ZFS and its kernel module are of different versions',
  severities: ['warning'],
  explanation: {
    meaning:
      'The version of the programs and that of the loaded module differ: after an upgrade without a restart, or with a module from elsewhere. Only the release counts (2.3.2), not the revision of the package, which distributions raise for programs and module apart.',
    endangers:
      'No data by itself: but new commands can fail or misread an old module, most likely in the middle of a repair.',
    remedy: 'Restart the host in a window in which its copies can be missed.',
    sources: [
      'zpool-version(8): two lines, programs and module',
      'zfs-2.x releases promise no mixed use over minor versions',
    ],
  },
  find: (view) =>
    answered(view).flatMap(({ name, observation, now }) => {
      const reading = observation.zfs?.version
      const version = reading?.last?.value
      if (reading === undefined || version === undefined || version.module === null) return []
      if (release(version.userland) === release(version.module)) return []
      return [
        {
          code: 'ZFS_MODULE_MISMATCH',
          severity: 'warning' as const,
          subject: name,
          place: { kind: 'host' as const, host: name },
          summary: `On ${name}, the programs of ZFS are ${version.userland}, and the module in the kernel is ${version.module}.`,
          evidence: evidenceFrom(reading, now, { programs: version.userland, 'kernel module': version.module }),
          endangers: `New commands of ZFS can fail on ${name}, also in the middle of a repair.`,
          remedy: `Plan a restart of ${name}, so that the module of the programs’ version is loaded. Before it, see that the next kernel has one: NEXT_KERNEL_WITHOUT_ZFS.`,
        },
      ]
    }),
}

/** `2.1.11` of `2.1.11-1+deb12u1`, `2.3.0-rc4` of `2.3.0-rc4-1`. */
const release = (version: string): string => /^\d+(\.\d+)*(-rc\d+)?/.exec(version)?.[0] ?? version
