import type { Check } from '../check.ts'
import { pinsText, placementEvidence, placementsIn, placeOfCluster } from '../placement-of-cluster.ts'

export const allocationsToUnknownPeer: Check = {
  code: 'ALLOCATIONS_TO_UNKNOWN_PEER',
  title: 'Pins are given to a peer that the fleet does not know',
  severities: ['warning'],
  explanation: {
    meaning:
      'The pinset names a holder that is neither a store of the fleet file nor one of clusters[].peers: a peer that is gone for good, one that came back with a new identity, or one that nobody has declared. Allocations name a peer by its ID, and stay when it goes.',
    endangers: 'The copy counts for IPFS Cluster, and there may be none: nobody looks at that peer.',
    remedy:
      'If the peer exists, declare it. If it is gone, pin these anew with holders that exist; if it lost its identity.json, bring that back from a backup, and its allocations are its own again.',
    settings: ['hosts[].stores[].peer', 'clusters[].peers'],
    sources: [
      'a new identity orphans all allocations (ipfs-cluster 1.1.6); `/pins/recover` moves nothing to another peer',
    ],
  },
  find: (view) =>
    placementsIn(view).flatMap((placement) => {
      const { cluster, assessment } = placement
      const { unknownHolder } = assessment.ofPin
      const count = unknownHolder.atLeast
      if (count === 0) return []
      return [
        {
          code: 'ALLOCATIONS_TO_UNKNOWN_PEER',
          severity: 'warning',
          subject: cluster,
          place: placeOfCluster(cluster),
          summary: `${pinsText(count)} of cluster ${cluster} ${count === 1 ? 'is' : 'are'} given to a peer that the fleet does not know.`,
          evidence: placementEvidence(placement, { 'pins with an unknown holder': unknownHolder }),
          endangers: 'Cluster counts these copies, and nobody knows whether they exist.',
          remedy:
            'Ask for the holders of an example: ipfs-cluster-ctl pin ls CID. Declare that peer in the fleet file, or pin these anew with holders that exist.',
        },
      ]
    }),
}
