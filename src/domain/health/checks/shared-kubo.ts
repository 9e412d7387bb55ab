import type { Check } from '../check.ts'
import type { Evidence, Finding } from '../finding.ts'
import { evidenceFrom } from '../evidence.ts'
import { placeOfStore, presentOf, type StoreOnHost, storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

export const sharedKubo: Check = {
  code: 'SHARED_KUBO',
  title: 'Two Cluster peers pin into one Kubo',
  severities: ['critical'],
  explanation: {
    meaning:
      'Two peers name the same Kubo as their own (equal `ipfs.id`). What one of them unpins is unpinned for both, and each of their copies is the same copy.',
    endangers:
      'Copies that are none; and a pin that leaves one peer is taken from the other, which still calls it pinned.',
    remedy:
      'Give each peer its own Kubo: compare node_multiaddress in service.json, and CLUSTER_IPFSHTTP_NODEMULTIADDRESS in the units. If two Kubos have the same identity (a copied repository), give one a new one.',
    sources: ['`GET /id`, ipfs.id (ipfs-cluster 1.1.6)'],
  },
  find(view) {
    const users = new Map<string, { store: StoreOnHost; evidence: Evidence[] }[]>()
    for (const host of answered(view)) {
      for (const store of storesOf(host)) {
        const reading = store.observed?.peer
        const kubo = presentOf(reading, host)?.kubo.id ?? ''
        if (reading === null || reading === undefined || kubo === '') continue
        const called = `Kubo of ${host.name}/${store.name}`
        users.set(kubo, [
          ...(users.get(kubo) ?? []),
          { store, evidence: evidenceFrom(reading, host.now, { [called]: kubo }) },
        ])
      }
    }
    return [...users.values()].flatMap((all): Finding[] => {
      const [first] = all
      if (first === undefined || all.length < 2) return []
      const names = all.map(({ store }) => `${store.host.name}/${store.name}`)
      return [
        {
          code: 'SHARED_KUBO',
          severity: 'critical',
          subject: `${first.store.host.name}/${first.store.name}/peer`,
          place: placeOfStore(first.store, 'peer'),
          summary: `The Cluster peers of ${names.join(' and ')} pin into one Kubo: their copies are one.`,
          evidence: all.flatMap(({ evidence }) => evidence),
          endangers:
            'Their pins have fewer copies than Cluster counts, and an unpin on one peer takes the pin from the other.',
          remedy: `Compare node_multiaddress of the peers of ${names.join(', ')}, and the identities of their Kubos; run no garbage collection there until each has its own.`,
        },
      ]
    })
  },
}
