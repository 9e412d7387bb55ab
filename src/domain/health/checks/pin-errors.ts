import type { PinStatus } from '../../pinning.ts'
import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { placeOfStore, storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

const inError: readonly PinStatus[] = ['pin_error', 'unpin_error', 'cluster_error']

/** How many pins a finding names; the rest is counted. */
const maxExamples = 10

export const pinErrors: Check = {
  code: 'PIN_ERRORS',
  title: 'Pins of a store are in error',
  severities: ['warning'],
  explanation: {
    meaning:
      'The Cluster peer of a store has pins in pin_error, unpin_error or cluster_error. It tries failed pins again by itself; those named here have failed so far. A pin that cannot be fetched gets here only after `pin_timeout`.',
    endangers:
      'Pins in pin_error have one copy fewer than promised, or none; pins in unpin_error hold space that should be free.',
    remedy:
      'Read the error of each pin. For content that cannot be fetched, find a node that has it; then `ipfs-cluster-ctl recover CID`.',
    sources: [
      '`GET /pins?local=true&filter=error` (ipfs-cluster 1.1.6); the filter is answered in 0.01 s at 1,000,000 pins (measured)',
    ],
  },
  find: (view) =>
    answered(view).flatMap((host) =>
      storesOf(host).flatMap((store) => {
        const reading = store.observed?.pins
        if (reading === undefined || reading === null || reading.last === null) return []
        const { counts, errors } = reading.last.value
        const told = inError.flatMap((status) => {
          // The list is the lesser witness: it is cut.
          const count = Math.max(counts[status] ?? 0, errors.filter((pin) => pin.status === status).length)
          return count === 0 ? [] : [{ status, count }]
        })
        if (told.length === 0) return []
        const all = told.reduce((sum, { count }) => sum + count, 0)
        const [example] = errors
        return [
          {
            code: 'PIN_ERRORS',
            severity: 'warning',
            count: all,
            subject: `${host.name}/${store.name}/peer`,
            place: placeOfStore(store, 'peer'),
            summary: `Store ${store.name} on ${host.name} has ${all} ${all === 1 ? 'pin' : 'pins'} in error${example === undefined || example.error === '' ? '' : `, such as: ${example.error}`}.`,
            evidence: evidenceFrom(reading, host.now, {
              ...Object.fromEntries(told.map(({ status, count }) => [status, count])),
              ...Object.fromEntries(errors.slice(0, maxExamples).map((pin) => [pin.cid, describe(pin)])),
            }),
            endangers: told.some(({ status }) => status !== 'unpin_error')
              ? 'These pins have fewer copies than promised: for content that no other store holds, there is none.'
              : 'Space that should be free is still in use.',
            remedy: `Run \`ipfs-cluster-ctl status --filter error\` against this peer and read the errors. For content that cannot be found, bring up a node that has it; then \`ipfs-cluster-ctl recover CID\`.`,
          },
        ]
      }),
    ),
}

function describe({
  status,
  name,
  error,
  attempts,
}: {
  status: string
  name: string
  error: string
  attempts: number
}): string {
  const called = name === '' ? '' : ` (${name})`
  return `${status}${called}: ${error === '' ? 'no reason given' : error}, tried ${attempts} ${attempts === 1 ? 'time' : 'times'}`
}
