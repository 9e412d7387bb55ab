import type { Check } from '../check.ts'
import { pinsHave, pinsText, placementEvidence, placementsIn, placeOfCluster } from '../placement-of-cluster.ts'

export const pinsWithoutCompleteCopy: Check = {
  code: 'PINS_WITHOUT_COMPLETE_COPY',
  title: 'Pins have no copy with all its blocks',
  severities: ['critical'],
  explanation: {
    meaning:
      'No holder of a pin has a copy that was walked and found whole: each is down, not pinned, or listed as pinned though a block of it is missing. Every list calls such a copy pinned (`pinned`, `ipfs pin ls`, even `ipfs pin verify`); only walking it (`dag/stat?offline=true`) names the missing block. A copy that was not walked yet is no finding: how many there are is in the evidence, as the upper of two figures.',
    endangers: 'The content cannot be read whole from any peer of the cluster that answers.',
    remedy:
      'Keep GC away from all holders. If a holder is down, bring it back. If blocks are missing, fetch them from wherever they still are (`ipfs dag export CID` there, `ipfs dag import` here), or from a backup.',
    sources: [
      'with one leaf block deleted from flatfs all lists say pinned, and dag/stat?offline=true names the block (measured, Kubo 0.43)',
    ],
  },
  find: (view) =>
    placementsIn(view).flatMap((placement) => {
      const { cluster, assessment } = placement
      const { pinned, complete } = assessment.levels
      if (complete.noCopy.atLeast === 0) return []
      const count = complete.noCopy.atLeast
      const listed = count - pinned.noCopy.atLeast
      return [
        {
          code: 'PINS_WITHOUT_COMPLETE_COPY',
          severity: 'critical',
          count,
          subject: cluster,
          place: placeOfCluster(cluster),
          summary: `${pinsHave(count)} no complete copy in cluster ${cluster}${listed > 0 ? `; ${listed === count ? 'every list calls' : `of ${pinsText(listed)} lists call`} a copy pinned` : ''}.`,
          evidence: placementEvidence(placement, {
            'pins without a complete copy': complete.noCopy,
            'pins without a copy that lists call pinned': pinned.noCopy,
          }),
          endangers: 'These pins cannot be read whole from any peer that answers.',
          remedy:
            'Run no garbage collection on any holder. Bring back holders that are down; where blocks are missing, import them from another copy or from a backup.',
        },
      ]
    }),
}
