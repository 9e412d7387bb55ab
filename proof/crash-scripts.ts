import type { Json } from '../src/domain/run.ts'
import { nextBetween, type RandomState } from '../src/sim/random.ts'
import { crashHosts } from './crash-bench.ts'
import type { Ending } from './crash-evidence.ts'

/** A run that is asked for, and what the person does with it. */
export interface Script {
  procedure: string
  input: Json
  /** It is canceled while it works. */
  isCanceled: boolean
  ends: Ending
  /** The answer where a step asks on purpose. */
  answer: 'run' | 'undo'
}

/** Makes the next script of a lane: lanes are worked on side by side, each one run at a time. */
export type Lane = (random: RandomState) => Script

/** `marks` are not used twice: a mark that is there belongs to a run that has left it. */
export function lanes(): Lane[] {
  let marks = 0
  const practice: Lane = (random) => {
    marks += 1
    const host = crashHosts[nextBetween(random, 0, crashHosts.length - 1)] ?? crashHosts[0]
    const kind = practiceKinds[nextBetween(random, 0, practiceKinds.length - 1)]
    const { seconds = 1, fail = false, ask = false, ...rest } = kind ?? {}
    return {
      ...plain,
      ...rest,
      procedure: 'practice',
      input: { host, mark: `m${marks}`, seconds, fail, ask },
    }
  }
  return [...Array.from({ length: 6 }, () => practice), scrubsOf('hot'), scrubsOf('warm'), scrubsOf('cold')]
}

const plain = { isCanceled: false, ends: 'succeeded', answer: 'run' } as const

const practiceKinds: readonly (Partial<Script> & { seconds?: number; fail?: boolean; ask?: boolean })[] = [
  {},
  { seconds: 4 },
  { fail: true, ends: 'undone' },
  { ask: true },
  { ask: true, answer: 'undo', ends: 'undone' },
  { ends: 'undone' },
  { seconds: 2, isCanceled: true },
  { seconds: 3, isCanceled: true, ends: 'undone' },
]

/** Of a tier that no other lane scrubs: a pool that is being scrubbed is an objection. */
const scrubsOf =
  (tier: string): Lane =>
  (random) => {
    const host = crashHosts[nextBetween(random, 0, crashHosts.length - 1)] ?? crashHosts[0]
    const pool = `${tier}-tier`
    const asked = [
      { procedure: 'scrub-pool', input: { host, pool } },
      { procedure: 'scrub-pool', input: { host, pool } },
      { procedure: 'scrub', input: { pools: [`${host}/${pool}`] } },
      { procedure: 'scrub', input: { tier } },
    ]
    const what = asked[nextBetween(random, 0, asked.length - 1)] ?? { procedure: 'scrub', input: { tier } }
    const turns = [{}, {}, { isCanceled: true }, { isCanceled: true, ends: 'undone' as const }]
    return { ...plain, ...what, ...turns[nextBetween(random, 0, turns.length - 1)] }
  }
