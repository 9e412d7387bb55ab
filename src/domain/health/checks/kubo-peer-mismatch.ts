import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { placeOfStore, presentOf, storesOf } from '../stores-of-host.ts'
import { answered } from '../view.ts'

export const kuboPeerMismatch: Check = {
  code: 'KUBO_PEER_MISMATCH',
  title: 'A Cluster peer works with another Kubo than that of its store',
  severities: ['critical'],
  explanation: {
    meaning:
      'The Kubo that a Cluster peer names as its own (`ipfs.id`) has another identity than the Kubo at the address that agent.yaml gives for the same store. The peer pins into one Kubo, and Tiercel looks at another.',
    endangers:
      'The pins of the store lie in another repository, perhaps on another pool: its snapshots, backups and free space are not those of this store. Two peers on one Kubo count one copy twice.',
    remedy:
      'Compare `ipfs_connector.ipfshttp.node_multiaddress` of the Cluster (and CLUSTER_IPFSHTTP_NODEMULTIADDRESS of its unit, which overrides it) with `kuboApi` in agent.yaml, and correct the one that is wrong.',
    sources: ['`GET /id`, ipfs.id (ipfs-cluster 1.1.6); `POST /api/v0/id` (Kubo 0.43)'],
  },
  find: (view) =>
    answered(view).flatMap((host) =>
      storesOf(host).flatMap((store) => {
        const { peer = null, kubo = null } = store.observed ?? {}
        const byPeer = presentOf(peer, host)?.kubo.id ?? ''
        const itself = presentOf(kubo, host)?.id
        // With Kubo dead the peer gives no ID; that is KUBO_UNREACHABLE.
        if (peer === null || kubo === null || byPeer === '' || itself === undefined || byPeer === itself) return []
        return [
          {
            code: 'KUBO_PEER_MISMATCH',
            severity: 'critical',
            subject: `${host.name}/${store.name}/peer`,
            place: placeOfStore(store, 'peer'),
            summary: `The Cluster peer of store ${store.name} on ${host.name} pins into another Kubo than the one of this store.`,
            evidence: [
              ...evidenceFrom(peer, host.now, { 'Kubo that the Cluster peer uses': byPeer }),
              ...evidenceFrom(kubo, host.now, { 'Kubo of the store': itself }),
              ...(store.local?.kuboApi === undefined
                ? []
                : [{ what: 'kuboApi', value: store.local.kuboApi.url, source: 'agent.yaml' }]),
            ],
            endangers: `What Cluster calls pinned on store ${store.name} lies in another repository, perhaps on another pool; what is backed up and measured here is not it.`,
            remedy: `On ${host.name}, compare node_multiaddress of the Cluster peer (service.json, and CLUSTER_IPFSHTTP_NODEMULTIADDRESS of its unit) with kuboApi of store ${store.name} in /etc/tiercel/agent.yaml; correct the one that is wrong.`,
          },
        ]
      }),
    ),
}
