import type { Check } from '../check.ts'
import { evidenceOfTrouble } from '../evidence.ts'
import {
  failureOf,
  inTrouble,
  namesOf,
  readingsIn,
  type ReadingsOfPlace,
  type TroubledReading,
} from '../readings-of-host.ts'

export const probeFailed: Check = {
  code: 'PROBE_FAILED',
  title: 'A look failed, or its answer was not understood',
  severities: ['unknown'],
  explanation: {
    meaning:
      'A command that looks at ZFS failed, is not installed, or printed what Tiercel does not know; or the list of pins in trouble, or the pin index, could not be read although Cluster peer and Kubo answer. What is not understood is never guessed at: its own words are in the evidence.',
    endangers: 'What was not seen can be wrong without a finding.',
    remedy: 'Follow the message. For words that are not understood: report them, with the version of OpenZFS.',
    sources: ['ARCHITECTURE.md: an answer of unknown shape is a finding'],
  },
  find: (view) =>
    readingsIn(view).flatMap((where) => {
      const failed = failedIn(where)
      if (failed.length === 0) return []
      const { host, subject, place, called } = where
      const hints = new Set(failed.flatMap(({ trouble }) => (trouble.hint === undefined ? [] : [trouble.hint])))
      return [
        {
          code: 'PROBE_FAILED',
          severity: 'unknown',
          subject,
          place,
          summary: `Of ${called}, this could not be seen: ${namesOf(failed)} (${failed[0]?.trouble.message}).`,
          evidence: failed.flatMap(({ what, reading, trouble }) => evidenceOfTrouble(what, reading, trouble, host.now)),
          endangers: 'What was not seen can be wrong without a finding; older values may be shown.',
          remedy:
            hints.size > 0
              ? [...hints].join(' ')
              : `Run the command of the evidence on ${host.name} and follow its message. If Tiercel does not understand the answer, report it with the version of the program.`,
        },
      ]
    }),
}

/** What is read of a Cluster peer while its Kubo is dead, or its pool away. */
const alone: ReadonlySet<string> = new Set(['pins in trouble', 'process of Kubo', 'listening services'])

/** Of a store only its pins: its peer and its Kubo have checks of their own, and a dead peer lists no pins. */
function failedIn({ place, readings }: ReadingsOfPlace): TroubledReading[] {
  if (place.kind === 'host') return inTrouble(readings, ['failed', 'unreachable', 'not-understood', 'missing-program'])
  const peer = readings.find(({ what }) => what === 'Cluster peer')?.reading
  if (failureOf(peer) !== undefined) return []
  // The index lists Kubo's pins too.
  const kubo = readings.find(({ what }) => what === 'Kubo')?.reading
  const isToldByKubo = failureOf(kubo) !== undefined
  return inTrouble(
    readings.filter(({ what }) => what !== 'Kubo' && (alone.has(what) || !isToldByKubo)),
    ['failed', 'unreachable', 'not-understood', 'missing-program', 'stuck'],
  )
}
