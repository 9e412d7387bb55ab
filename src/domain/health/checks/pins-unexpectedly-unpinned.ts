import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { exceptionsOf } from '../exceptions-of-store.ts'
import { placeOfStore, storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

export const pinsUnexpectedlyUnpinned: Check = {
  code: 'PINS_UNEXPECTEDLY_UNPINNED',
  title: 'Pins of a store are gone from its Kubo, and the Cluster does nothing about it',
  severities: ['warning'],
  explanation: {
    meaning:
      "The pinset gives pins to this store, its Kubo has not pinned them, and no operation waits; two readings in a row of the peer's list have met them. Typical after peers that were split see each other again: a removal arrives and unpins what another write has kept. The Cluster looks again each `pin_recover_interval` (12 min).",
    endangers:
      'These copies are not there: the blocks can still lie in Kubo, and the next garbage collection takes them.',
    remedy: 'Let no garbage collection run on this store; then recover on this peer.',
    sources: [
      '`GET /pins?local=true` (ipfs-cluster 1.1.6), status unexpectedly_unpinned',
      'four peers split and healed: the status stays until a recover (measured, ipfs-cluster 1.1.6)',
      'direct pins are called so by every list, wrongly, and are left out (`ipfshttp.go`, `PinLs`)',
    ],
  },
  find: (view) =>
    answered(view).flatMap((host) =>
      storesOf(host).flatMap((store) => {
        const found = exceptionsOf(store, 'unexpectedly-unpinned')
        if (found === undefined) return []
        const { reading, count, examples } = found
        return [
          {
            code: 'PINS_UNEXPECTEDLY_UNPINNED',
            severity: 'warning' as const,
            count,
            subject: `${host.name}/${store.name}/peer`,
            place: placeOfStore(store, 'peer'),
            summary: `Store ${store.name} on ${host.name} should hold ${count} ${count === 1 ? 'pin that is' : 'pins that are'} gone from its Kubo, and nothing is being done about it.`,
            evidence: evidenceFrom(reading, host.now, { 'unexpectedly unpinned': count, ...examples }),
            endangers: 'These copies do not count: what is left of their blocks goes with the next garbage collection.',
            remedy: `Make sure that no garbage collection runs on this Kubo, then run \`ipfs-cluster-ctl recover --local\` against this peer. All of them: \`tiercel pins --errors\`.`,
          },
        ]
      }),
    ),
}
