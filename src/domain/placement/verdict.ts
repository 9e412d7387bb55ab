import type { Assessment, Figure } from './assessment.ts'
import type { Loss } from './ask.ts'
import type { ClusterPlacement } from './cluster-placement.ts'

/** By what it is decided whether something may be stopped, or lost. docs/decisions says why. */
export interface StopPolicy extends Pick<Loss, 'for' | 'keep'> {
  /** The level that the copies which stay must have. */
  level: 'pinned' | 'complete'
}

/**
 * The policy where nobody says otherwise. restart: of each pin that loses a copy, one copy that answers and is pinned stays on
 * another host. loss: as many as its replication-min stay, and one of them was walked and is complete.
 */
export const defaultPolicy = (kind: Loss['for']): StopPolicy =>
  kind === 'restart'
    ? { for: 'restart', keep: 1, level: 'pinned' }
    : { for: 'loss', keep: 'promise', level: 'complete' }

/** `no`: the policy would be broken. `unknown`: it may be. */
export type Verdict = 'ok' | 'no' | 'unknown'

/** Whether a policy holds, and how many pins speak against it. */
export interface StopAnswer {
  verdict: Verdict
  /** Pins that would have fewer copies than are to be kept, over all clusters. */
  short: Figure
  /** Pins whose last complete copy would be gone. */
  bare: Figure
  /** Why it is not known, where it is not. */
  reasons: string[]
}

export function judgeStop(
  policy: StopPolicy,
  placements: readonly ClusterPlacement[],
  { isAssumed, unseen }: { isAssumed: boolean; unseen: readonly string[] },
): StopAnswer {
  const known = placements.filter((placement) => placement.state === 'known')
  const reasons = [
    ...unseen,
    ...placements.flatMap((placement) =>
      placement.state === 'unknown' ? [`cluster ${placement.cluster}: ${placement.reason}`] : [],
    ),
    ...known.flatMap(({ cluster, others, differing }) =>
      others > 0 && differing === undefined
        ? [`cluster ${cluster}: ${others} of its peers have another pinset, and what differs was not looked into`]
        : [],
    ),
  ]
  const level = policy.for === 'restart' ? policy.level : 'pinned'
  const over = (figureOf: (assessment: Assessment) => Figure): Figure =>
    sumOf([
      ...known.map(({ assessment }) => figureOf(assessment)),
      // Peers do not agree on these: what is true of a version is possible.
      ...known.flatMap(({ differing }) => (differing === undefined ? [] : [{ ...figureOf(differing), atLeast: 0 }])),
    ])
  const short = over(({ levels }) => levels[level].fallsShort)
  const bare =
    policy.for === 'loss' && policy.level === 'complete' ? over(({ levels }) => levels.complete.fallsToNone) : sumOf([])
  const breaks = short.atLeast > 0 || bare.atLeast > 0
  const mayBreak = short.atMost > 0 || bare.atMost > 0
  if (breaks && !isAssumed) return { verdict: 'no', short, bare, reasons }
  const isUnknown = mayBreak || reasons.length > 0
  return { verdict: isUnknown ? 'unknown' : 'ok', short, bare, reasons }
}

function sumOf(figures: readonly Figure[]): Figure {
  return {
    atLeast: figures.reduce((sum, { atLeast }) => sum + atLeast, 0),
    atMost: figures.reduce((sum, { atMost }) => sum + atMost, 0),
    examples: figures.flatMap(({ examples }) => examples).slice(0, 5),
  }
}
