import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { usesZfs } from '../uses-zfs.ts'
import { answered } from '../view.ts'

export const nextKernelWithoutZfs: Check = {
  code: 'NEXT_KERNEL_WITHOUT_ZFS',
  title: 'After the next restart there would be no ZFS',
  severities: ['warning'],
  explanation: {
    meaning:
      'On a host with ZFS, a kernel newer than the running one is installed, and it has no ZFS module: boot loaders take the newest. DKMS could not build the module, mostly because the headers of that kernel are missing.',
    endangers:
      'After a restart, planned or not, no pool of the host is imported, and none of its copies can be reached.',
    remedy: 'Install the headers and build the module before the host restarts.',
    sources: ['/lib/modules/*/: zfs.ko, also compressed', '/boot/vmlinuz-*: GRUB takes the newest'],
  },
  find: (view) =>
    answered(view).flatMap((host) => {
      const { name, observation, now } = host
      const { installed, facts } = observation.machine
      const running = facts.last?.value.kernel
      const newest = (installed.last?.value.kernels ?? []).toSorted((a, b) => compareReleases(b.release, a.release))[0]
      if (!usesZfs(host) || running === undefined || newest === undefined) return []
      if (newest.hasZfs || compareReleases(newest.release, running) <= 0) return []
      return [
        {
          code: 'NEXT_KERNEL_WITHOUT_ZFS',
          severity: 'warning' as const,
          subject: name,
          place: { kind: 'host' as const, host: name },
          summary: `${name} runs kernel ${running}; the next restart takes ${newest.release}, which has no ZFS module.`,
          evidence: [
            ...evidenceFrom(facts, now, { 'kernel that runs': running }),
            ...evidenceFrom(installed, now, { 'newest kernel': newest.release, 'zfs.ko for it': 'none' }),
          ],
          endangers: `After the next restart of ${name}, also an unplanned one, none of its pools is imported: all copies on ${name} are out of reach.`,
          remedy: `Before ${name} restarts, build the module: on Debian \`apt install linux-headers-${newest.release}\`, then \`dkms autoinstall -k ${newest.release}\`, and look at \`dkms status\`. Until then, keep ${running} as the kernel to boot.`,
        },
      ]
    }),
}

/** As boot loaders sort them: numbers as numbers, the rest by letters. `6.1.0-41-amd64` comes before `6.12.0-1-amd64`. */
export function compareReleases(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)]
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const [x, y] = [left[index] ?? '', right[index] ?? '']
    const bothNumbers = /^\d/.test(x) && /^\d/.test(y)
    const order = bothNumbers ? Number(x) - Number(y) : x < y ? -1 : x > y ? 1 : 0
    if (order !== 0) return order
  }
  return 0
}

const parts = (release: string): string[] => release.match(/\d+|\D+/g) ?? []
