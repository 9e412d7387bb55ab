import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { exceptionsOf } from '../exceptions-of-store.ts'
import { placeOfStore, storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

export const orphanPins: Check = {
  code: 'ORPHAN_PINS',
  title: 'A Kubo has pinned what the Cluster does not give to it',
  severities: ['warning'],
  explanation: {
    meaning:
      'The Kubo of a store has pins that the pinset does not know, or gives to other peers; two readings of both lists have met them. A failed unpin on a peer that is no holder any more is never tried again by the Cluster. Or somebody has pinned in Kubo by hand. What `ipfs init` pins by itself is left out.',
    endangers:
      'They hold space that nobody counts on. Pins made by hand are not safe: the Cluster removes such a pin at the next write of that CID.',
    remedy: 'See them with `tiercel pins --orphans`. Pin what is wanted through the Cluster; unpin the rest in Kubo.',
    sources: [
      '`POST /api/v0/pin/ls` of Kubo against `GET /allocations` of its peer',
      'a failed unpin stays `remote` and is not recovered (ipfs-cluster 1.1.6, `stateless.go`)',
    ],
  },
  find: (view) =>
    answered(view).flatMap((host) =>
      storesOf(host).flatMap((store) => {
        const found = exceptionsOf(store, 'orphan')
        if (found === undefined) return []
        const { reading, count, examples } = found
        return [
          {
            code: 'ORPHAN_PINS',
            severity: 'warning' as const,
            count,
            subject: `${host.name}/${store.name}/kubo`,
            place: placeOfStore(store, 'kubo'),
            summary: `The Kubo of store ${store.name} on ${host.name} has ${count} ${count === 1 ? 'pin' : 'pins'} that the Cluster does not give to it.`,
            evidence: evidenceFrom(reading, host.now, { 'pins only in Kubo': count, ...examples }),
            endangers:
              'They hold space that nobody counts on; and what was pinned here by hand is not safe from the Cluster.',
            remedy: `List them with \`tiercel pins --orphans\`. What is wanted is pinned through the Cluster (\`ipfs-cluster-ctl pin add CID\`); then, and only for what nobody wants, \`ipfs pin rm CID\` in this Kubo frees the space at its next garbage collection.`,
          },
        ]
      }),
    ),
}
