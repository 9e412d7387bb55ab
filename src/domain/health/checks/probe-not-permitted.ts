import type { Check } from '../check.ts'
import { evidenceOfTrouble } from '../evidence.ts'
import { inTrouble, namesOf, readingsIn, type TroubledReading } from '../readings-of-host.ts'
import type { AnsweredHost } from '../view.ts'

export const probeNotPermitted: Check = {
  code: 'PROBE_NOT_PERMITTED',
  title: 'Tiercel may not look at something',
  severities: ['unknown', 'warning'],
  explanation: {
    meaning:
      'A probe was refused: the executor does not answer (so nobody looks with root rights), or an API refuses our credentials. Unknown where nothing is known because of it; warning where only details are missing, such as the names of damaged files.',
    endangers: 'What cannot be looked at can be wrong without a finding.',
    remedy: 'The finding says how to permit it.',
    sources: ['`zpool status -v` leaves out the list of errors without privileges (measured on 2.1.11 and 2.3.2)'],
  },
  find: (view) =>
    readingsIn(view).flatMap(({ host, subject, place, called, readings }) => {
      const refused = inTrouble(readings, ['not-permitted']).filter((named) => !isToldOfHost(named, host))
      if (refused.length === 0) return []
      const blind = refused.filter((named) => !isDetail(named))
      const hints = new Set(refused.flatMap(({ trouble }) => (trouble.hint === undefined ? [] : [trouble.hint])))
      return [
        {
          code: 'PROBE_NOT_PERMITTED',
          severity: blind.length > 0 ? 'unknown' : 'warning',
          subject,
          place,
          summary:
            blind.length > 0
              ? `Tiercel may not look at ${called}, so this is not known: ${namesOf(blind)}.`
              : `Tiercel looks at ${called} without the rights to see everything.`,
          evidence: refused.flatMap(({ what, reading, trouble }) =>
            evidenceOfTrouble(what, reading, trouble, host.now),
          ),
          endangers: 'What may not be looked at can be wrong without a finding, such as files damaged beyond repair.',
          remedy:
            hints.size > 0
              ? [...hints].join(' ')
              : `Permit it on ${host.name}: \`systemctl status tiercel-executor.socket\` for ZFS, the credentials in agent.yaml for an API.`,
        },
      ]
    }),
}

/** Rights themselves are not a value that anything rests on; what a reading still tells without them is. */
function isDetail({ what, reading }: TroubledReading): boolean {
  return what === 'privileges' || reading.last !== null
}

/** Without an executor nobody reads the settings of any store: that is one finding of the host, not one of each store. */
function isToldOfHost({ what }: TroubledReading, { observation }: AnsweredHost): boolean {
  return what === 'settings of the Cluster peer' && observation.zfs?.privileges.trouble?.kind === 'not-permitted'
}
