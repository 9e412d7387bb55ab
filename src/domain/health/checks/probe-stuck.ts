import { durationText } from '../../text-units.ts'
import { age, Instant } from '../../units.ts'
import type { Check } from '../check.ts'
import { evidenceOfTrouble } from '../evidence.ts'
import { inTrouble, namesOf, readingsIn } from '../readings-of-host.ts'

export const probeStuck: Check = {
  code: 'PROBE_STUCK',
  title: 'A command that looks at a host hangs',
  severities: ['unknown'],
  explanation: {
    meaning:
      'A command has run past its deadline: `zpool` or `zfs`, or, on a host that is very slow, any other. It may hang in the kernel, where it cannot be killed; no second one of its kind is started, since they all wait for one lock. What it last told may be out of date. The state of each pool in the kernel is still read.',
    endangers: 'Changes on the pools are not seen while it hangs. The usual cause is a pool whose disks do not answer.',
    remedy:
      'Look for POOL_SUSPENDED and for hanging tasks in the kernel log. Start no further `zpool` commands by hand.',
    sources: ['one stuck import or export blocks `zpool status` for all pools (OpenZFS source, spa_namespace_lock)'],
  },
  find: (view) =>
    readingsIn(view).flatMap(({ host, subject, place, called, readings }) => {
      if (place.kind !== 'host') return []
      const stuck = inTrouble(readings, ['stuck'])
      const [first] = stuck
      if (first === undefined) return []
      // On a host that is merely very slow, anything may run past its deadline; the lock of ZFS is another matter.
      const isZfs = stuck.some(({ reading }) => /^(zpool|zfs) /.test(reading.source))
      const since = Instant.parse(Math.min(...stuck.map(({ trouble }) => trouble.since)))
      return [
        {
          code: 'PROBE_STUCK',
          severity: 'unknown',
          subject,
          place,
          summary: `Commands that look at ${called} have been hanging for ${durationText(age(since, host.now))}: ${namesOf(stuck)}.`,
          evidence: stuck.flatMap(({ what, reading, trouble }) => evidenceOfTrouble(what, reading, trouble, host.now)),
          endangers: isZfs
            ? 'What is shown of its pools may be out of date. The usual cause is a pool whose disks do not answer.'
            : 'What they tell may be out of date.',
          remedy: isZfs
            ? `Look for a POOL_SUSPENDED finding, and at \`dmesg\` on ${host.name} for disks that do not answer and for tasks that hang. Start no more zpool commands there: they wait for the same lock.`
            : `See how busy ${host.name} is (\`uptime\`), and whether tasks hang there (\`dmesg\`); then look again.`,
        },
      ]
    }),
}
