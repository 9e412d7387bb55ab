import type { Check } from '../check.ts'
import type { Evidence, Finding } from '../finding.ts'
import {
  type KnownPlacement,
  pinsHave,
  placementEvidence,
  placementsIn,
  placeOfCluster,
} from '../placement-of-cluster.ts'

export const pinsUnderReplicated: Check = {
  code: 'PINS_UNDER_REPLICATED',
  title: 'Pins have fewer copies than was promised',
  severities: ['critical', 'warning', 'unknown'],
  explanation: {
    meaning:
      'Fewer of a pin’s holders have it pinned in a Kubo that answers than its replication-min; for −1 (everywhere), fewer than all declared peers. Critical where a pin has no such copy at all. The agents count it by their pin index: what was added just now, and is still on its way at its first reading, counts as there. Copies of which nothing is known count neither way; why they are not known is the finding of another check. Unknown where there is an index, and no agent could answer from it in time, or where a peer has more pins out of order than are kept by name; without any index (this machine without an agent) nothing is said.',
    endangers: 'The next loss can take the last copy; a pin without a copy that answers cannot be read now.',
    remedy:
      'Mend what is down first: the findings on Kubos, pools and hosts say what. Then `ipfs-cluster-ctl recover CID`, or `recover` for all, lets the holders fetch what they lack.',
    settings: ['checks.placement.listsMaxAge'],
    sources: [
      'a peer that is down keeps its allocations: with the default `disable_repinning` nothing takes its place (ipfs-cluster 1.1.6)',
    ],
  },
  find: (view) => [...(view.placements ?? []).flatMap(unknown), ...placementsIn(view).flatMap(judge)],
}

function unknown(placement: NonNullable<Parameters<Check['find']>[0]['placements']>[number]): Finding[] {
  if (placement.state === 'known') return []
  const { cluster, reason } = placement
  return [notKnown(cluster, [{ what: 'why', value: reason, source: 'pin index' }])]
}

const notKnown = (cluster: string, evidence: Evidence[]): Finding => ({
  code: 'PINS_UNDER_REPLICATED',
  severity: 'unknown',
  subject: cluster,
  place: placeOfCluster(cluster),
  summary: `It is not known how many copies the pins of cluster ${cluster} have.`,
  evidence,
  endangers: 'Pins may have too few copies, or all on one host, and nobody would see it.',
  remedy: 'Look again in a minute: an agent that was just started reads its lists first. Then: tiercel pins',
})

function judge(placement: KnownPlacement): Finding[] {
  const { cluster, assessment } = placement
  const few = assessment.ofPin.tooFewHolders
  const none = assessment.levels.pinned.noCopy
  if (few.atLeast === 0 && none.atLeast === 0) {
    return placement.unverified.length === 0
      ? []
      : [
          notKnown(cluster, [
            {
              what: 'more pins out of order than are kept by name',
              value: placement.unverified.join(', '),
              source: `pin index of ${placement.by}`,
            },
          ]),
        ]
  }
  const bare =
    none.atLeast === 0 ? '' : ` ${none.atLeast} of them ${none.atLeast === 1 ? 'has' : 'have'} no copy that answers.`
  return [
    {
      code: 'PINS_UNDER_REPLICATED',
      severity: none.atLeast > 0 ? 'critical' : 'warning',
      subject: cluster,
      place: placeOfCluster(cluster),
      summary: `${pinsHave(few.atLeast)} fewer copies in cluster ${cluster} than was promised.${bare}`,
      evidence: placementEvidence(placement, {
        'pins with fewer copies than their replication-min': few,
        'pins without a copy that answers': none,
      }),
      endangers:
        none.atLeast > 0
          ? 'The pins without a copy cannot be read now; of the others the next loss can take the last one.'
          : 'Every such pin is closer to its last copy than was promised.',
      remedy:
        'Mend what is down first (see the findings on Kubos, pools and hosts). If nothing is down, run `tiercel pins --errors`, then `ipfs-cluster-ctl recover CID` for each pin that it names.',
    },
  ]
}
