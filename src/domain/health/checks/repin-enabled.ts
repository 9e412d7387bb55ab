import type { Check } from '../check.ts'
import { evidenceFrom } from '../evidence.ts'
import { maxPeersNamed, namesOfPeers, peersOf } from '../peers-of-cluster.ts'
import { isUnseen, unseenFinding } from '../unseen-settings.ts'

export const repinEnabled: Check = {
  code: 'REPIN_ENABLED',
  title: 'Cluster copies pins by itself when a peer falls silent',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      '`cluster.disable_repinning` of a peer is false. When the ping of any peer expires (30 to 45 s), the others allocate its pins anew, and the returning peer unpins what it had. Info where the setting cannot be read.',
    endangers:
      'The reboot of one storage host starts a storm of copies, fills other tiers, and unpins copies that were whole. Removing a peer (`peers rm`) moves all its pins before it fails.',
    remedy:
      'Set `cluster.disable_repinning` to true on every peer and restart them one by one; copies that a lost host held are then replaced by a decision.',
    settings: ['stores[].clusterFolder in agent.yaml'],
    sources: [
      'https://github.com/ipfs-cluster/ipfs-cluster/issues/369: why repinning is off by default',
      'measured on ipfs-cluster 1.1.6: with repinning on, `peers rm` moves pins and then answers 500; the environment of the unit overrides service.json (CLUSTER_DISABLEREPINNING)',
    ],
  },
  find: (view) =>
    view.fleet.clusters.flatMap(({ name: cluster }) => {
      const peers = peersOf(cluster, view)
      const on = peers.filter(({ settings }) => settings?.disableRepinning === false)
      if (on.length === 0) {
        const unseen = peers.filter((peer) => isUnseen(peer, 'CLUSTER_DISABLEREPINNING'))
        const what = 'whether they copy pins of silent peers by themselves'
        return unseen.length === 0 ? [] : [unseenFinding({ code: 'REPIN_ENABLED', cluster, unseen, what })]
      }
      return [
        {
          code: 'REPIN_ENABLED',
          severity: 'warning',
          subject: cluster,
          place: { kind: 'cluster', cluster },
          summary: `${on.length} of ${peers.length} peers of cluster ${cluster} allocate pins anew as soon as any peer is silent for half a minute: ${namesOfPeers(on)}.`,
          evidence: on.slice(0, maxPeersNamed).flatMap(({ name, store, settings, settingsReading }) =>
            settings === undefined || settingsReading === null
              ? []
              : evidenceFrom(settingsReading, store.host.now, {
                  [`disable_repinning of ${name}`]: settings.disableRepinning,
                }),
          ),
          endangers:
            'The reboot of one host sets off copies of all its pins, wherever Cluster likes; when it is back, copies that were whole are unpinned.',
          remedy:
            'Set cluster.disable_repinning to true in service.json of these peers (or CLUSTER_DISABLEREPINNING=true in their units), and restart one after the other.',
        },
      ]
    }),
}
