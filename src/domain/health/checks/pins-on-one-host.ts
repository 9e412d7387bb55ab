import type { Check } from '../check.ts'
import { pinsHave, placementEvidence, placementsIn, placeOfCluster } from '../placement-of-cluster.ts'

export const pinsOnOneHost: Check = {
  code: 'PINS_ON_ONE_HOST',
  title: 'Pins have their copies on too few hosts',
  severities: ['warning'],
  explanation: {
    meaning:
      'The holders of a pin are enough, but lie on fewer hosts than its replication-min (or share one Kubo): what takes a host takes several copies at once. IPFS Cluster places on peers, and knows hosts only by their tag. Pins that go everywhere (−1) are not meant.',
    endangers: 'One host down, or one pool lost, costs more copies than the replication factor lets believe.',
    remedy:
      'Give every peer the tag host=NAME and let the allocator spread by it (`allocate_by: ["tag:host", …]`), then move the pins that are named: pin them with another set of holders, wait until those are pinned, and only then let the old ones go.',
    sources: ['ipfs-cluster 1.1.6, allocator/balanced: `allocate_by` takes tags, and falls back to fewer groups'],
  },
  find: (view) =>
    placementsIn(view).flatMap((placement) => {
      const { cluster, assessment } = placement
      const few = assessment.ofPin.onOneHost
      if (few.atLeast === 0) return []
      return [
        {
          code: 'PINS_ON_ONE_HOST',
          severity: 'warning',
          subject: cluster,
          place: placeOfCluster(cluster),
          summary: `${pinsHave(few.atLeast)} copies on fewer hosts of cluster ${cluster} than the replication-min.`,
          evidence: placementEvidence(placement, { 'pins on fewer hosts than their replication-min': few }),
          endangers: 'The loss of one host takes several of their copies at once, perhaps all.',
          remedy:
            'Look at the tags of the peers and at allocate_by in their service.json. Pin these anew with holders on different hosts, and keep the old copies until the new ones are pinned.',
        },
      ]
    }),
}
