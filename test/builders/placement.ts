import type { FleetView } from '../../src/domain/health/view.ts'
import { type Assessment, type Figure, levelFacts, pinFacts } from '../../src/domain/placement/assessment.ts'
import type { ClusterPlacement } from '../../src/domain/placement/cluster-placement.ts'
import { milliseconds, minutes } from '../../src/domain/units.ts'
import { bench } from './fleet-view.ts'

/** So many pins for certain, and as many at most where nothing else is said. */
export const figure = (atLeast: number, atMost = atLeast, examples: string[] = []): Figure => ({
  atLeast,
  atMost,
  examples,
})

const none = <Fact extends string>(facts: readonly Fact[]): Record<Fact, Figure> =>
  Object.fromEntries(facts.map((fact) => [fact, figure(0)])) as Record<Fact, Figure> // "as": the keys are the facts

/** 1,000 pins of which nothing is wrong. */
export const assessment = (): Assessment => ({
  pins: 1000,
  ofPin: none(pinFacts),
  levels: { allocated: none(levelFacts), pinned: none(levelFacts), complete: none(levelFacts) },
})

/** What n1/hot answers for cluster main. */
export const placement = (
  change: (assessed: Assessment) => void = () => undefined,
): Extract<ClusterPlacement, { state: 'known' }> => {
  const assessed = assessment()
  change(assessed)
  return {
    state: 'known',
    cluster: 'main',
    by: 'n1/hot',
    age: minutes(3),
    took: milliseconds(2),
    assessment: assessed,
    unsure: [],
    unverified: [],
    others: 0,
  }
}

/** The healthy bench with these placements. */
export const benchWith = (...placements: ClusterPlacement[]): FleetView => ({ ...bench().view, placements })
