import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import type { Finding } from '../finding.ts'
import { maxPeersNamed, namesOfPeers, type PeerOfCluster, peersOf } from '../peers-of-cluster.ts'
import { isUnseen, unseenFinding } from '../unseen-settings.ts'

export const defaultTrust: Check = {
  code: 'DEFAULT_TRUST',
  title: 'A Cluster peer trusts everybody who has the cluster secret',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      '`consensus.crdt.trusted_peers` of a peer is `*`, as `ipfs-cluster-service init` writes it: every peer that knows the cluster secret may change the pinset, and may tell this peer to unpin. Info where the settings cannot be read: agent.yaml names no `clusterFolder`, or a file of the unit may override what was read.',
    endangers:
      'Whoever gets hold of one copy of the secret (a backup, an old disk, a single host) can remove every pin of the cluster.',
    remedy:
      'List the IDs of the peers that may change pins in `consensus.crdt.trusted_peers` of every peer (or CLUSTER_CRDT_TRUSTEDPEERS of its unit), and restart them one by one. Peers that are not listed see no answer to what they ask.',
    settings: ['stores[].clusterFolder in agent.yaml'],
    sources: [
      '`init` writes ["*"] (ipfs-cluster 1.1.6); only commands signed by trusted peers are accepted (consensus/crdt)',
      'the environment of the unit overrides service.json (CLUSTER_CRDT_TRUSTEDPEERS, ipfs-cluster 1.1.6)',
    ],
  },
  find: (view) =>
    view.fleet.clusters.flatMap(({ name, consensus }) =>
      consensus === 'crdt' ? judge(name, peersOf(name, view)) : [],
    ),
}

function judge(cluster: string, peers: readonly PeerOfCluster[]): Finding[] {
  const open = peers.filter(({ settings }) => settings?.trustedPeers.includes('*') === true && isCrdt(settings))
  const place = { kind: 'cluster' as const, cluster }
  if (open.length > 0) {
    return [
      {
        code: 'DEFAULT_TRUST',
        severity: 'warning',
        subject: cluster,
        place,
        summary: `${open.length === peers.length ? `All ${open.length} peers` : `${open.length} of ${peers.length} peers`} of cluster ${cluster} trust everybody who has the cluster secret: ${namesOfPeers(open)}.`,
        evidence: trustEvidence(open),
        endangers: `Whoever has a copy of the secret can remove every pin of cluster ${cluster}, and every copy behind it.`,
        remedy:
          'List the IDs of your peers (`tiercel peers list`) in consensus.crdt.trusted_peers of each service.json, or in CLUSTER_CRDT_TRUSTEDPEERS of each unit; restart one peer after the other.',
      },
    ]
  }
  const unseen = peers.filter((peer) => isUnseen(peer, 'CLUSTER_CRDT_TRUSTEDPEERS'))
  return unseen.length === 0 ? [] : [unseenFinding({ code: 'DEFAULT_TRUST', cluster, unseen, what: 'whom they trust' })]
}

const isCrdt = ({ consensus }: { consensus: string }): boolean => consensus === 'crdt'

function trustEvidence(peers: readonly PeerOfCluster[]): Finding['evidence'] {
  return peers.slice(0, maxPeersNamed).flatMap(({ name, store, settings, settingsReading }) =>
    settings === undefined || settingsReading === null
      ? []
      : evidenceFrom(settingsReading, store.host.now, {
          [`trusted_peers of ${name}`]: settings.trustedPeers.slice(0, maxPeersNamed).join(', '),
        }),
  )
}
