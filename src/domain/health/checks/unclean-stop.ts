import { durationText } from '../../text-units.ts'
import { age } from '../../units.ts'
import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { answered } from '../view.ts'

export const uncleanStop: Check = {
  code: 'UNCLEAN_STOP',
  title: 'A host went down without a clean stop',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      'The boot before this one ended without a shutdown: power, a panic, a reset. The agent keeps a note while the machine runs and closes it when the machine goes down; a note that was never closed tells it. Warning for three days from the start of the host (settable), then info until the next clean stop. Nothing is said where the agent was new, or had been stopped by hand before.',
    endangers:
      'Kubo does not sync every block that it writes: copies that were written shortly before can be incomplete, although Kubo and Cluster list them as pinned.',
    remedy: 'Find the cause, and have the copies of the host verified.',
    settings: ['checks.uncleanStop.tellFor'],
    sources: [
      '/proc/sys/kernel/random/boot_id and the agent’s note',
      'flatfs with Sync off does not sync (measured, Kubo 0.43)',
    ],
  },
  find: (view) =>
    answered(view).flatMap(({ name, observation, now }) => {
      const { boot, facts } = observation.machine
      const previous = boot.last?.value.previous
      if (previous === undefined || previous === null || previous.ended !== 'unclean') return []
      const bootedAt = facts.last?.value.bootedAt
      const up = bootedAt === undefined ? undefined : age(bootedAt, now)
      const isNew = up === undefined || up <= view.fleet.checks.uncleanStop.tellFor
      return [
        {
          code: 'UNCLEAN_STOP',
          severity: isNew ? ('warning' as const) : ('info' as const),
          subject: name,
          place: { kind: 'host' as const, host: name },
          summary: `${name} went down without a clean stop${up === undefined ? '' : `, and came back ${durationText(up)} ago`}.`,
          evidence: [
            ...evidenceFrom(boot, now, {
              'last seen running': `${durationText(age(previous.seenAt, now))} ago`,
              'that boot': previous.id,
            }),
            ...(up === undefined ? [] : evidenceFrom(facts, now, { 'up for': durationText(up) })),
          ],
          endangers: isNew
            ? `Copies on ${name} that were written shortly before can be incomplete, although they are listed as pinned.`
            : '',
          remedy: `Look for the cause on ${name}: \`journalctl -b -1 -e\`, power, the management controller. Do not drop other copies of its pins until those on ${name} have been verified.`,
        },
      ]
    }),
}
