import type { Figure } from '../placement/assessment.ts'
import type { ClusterPlacement } from '../placement/cluster-placement.ts'
import { durationText } from '../text-units.ts'
import type { Evidence, Place } from './finding.ts'
import type { FleetView } from './view.ts'

/** A placement that is known. */
export type KnownPlacement = Extract<ClusterPlacement, { state: 'known' }>

/** The clusters whose pins were judged. Of the others PINS_UNDER_REPLICATED alone tells that they were not. */
export function placementsIn(view: FleetView): KnownPlacement[] {
  return (view.placements ?? []).filter((placement) => placement.state === 'known')
}

/** Where a finding on the pins of a cluster belongs. */
export const placeOfCluster = (cluster: string): Place => ({ kind: 'cluster', cluster })

/** A figure as evidence, with examples, the age of the lists, and what is not known. */
export function placementEvidence(placement: KnownPlacement, figures: Readonly<Record<string, Figure>>): Evidence[] {
  const { by, age, assessment, unsure, others } = placement
  const source = `pin index of ${by}`
  return [
    ...Object.entries(figures).flatMap(([what, figure]) => [
      { what, value: figureText(figure), source },
      ...figure.examples.map((cid) => ({ what: `${what}: for example`, value: cid, source })),
    ]),
    { what: 'pins in all', value: assessment.pins, source },
    { what: 'age of the lists', value: durationText(age), source },
    ...(others === 0 ? [] : [{ what: 'peers with another pinset', value: others, source }]),
    ...unsure.slice(0, maxUnsure).map((value) => ({ what: 'copies that are not known', value, source: 'agents' })),
  ]
}

const maxUnsure = 5

/** `12`, or `12 to 40` where it is not known of some. */
export function figureText({ atLeast, atMost }: Pick<Figure, 'atLeast' | 'atMost'>): string | number {
  return atLeast === atMost ? atLeast : `${atLeast} to ${atMost}`
}

/** `1 pin`, `12 pins`. */
export const pinsText = (count: number): string => `${count} ${count === 1 ? 'pin' : 'pins'}`

/** `One pin has`, `12 pins have`: the start of a sentence. */
export const pinsHave = (count: number): string => (count === 1 ? 'One pin has' : `${count} pins have`)
