import { z } from 'zod'
import { DatasetName } from '../domain/fleet.ts'
import type { ZfsObservation } from '../domain/observation.ts'
import { PoolState, PoolStatus } from '../domain/pool-status.ts'
import { Pool } from '../domain/pool.ts'
import type { Storage } from '../domain/ports/storage.ts'
import { Hold, Snapshot, SnapshotName } from '../domain/snapshot.ts'
import { type Duration, minutes, seconds } from '../domain/units.ts'
import type { Probe, ProbesOf } from './probe.ts'

// What can be looked at on a host right now, a row each. Agents answer by it, clients read answers by it, the simulator too:
// one more look is one row here, and what its port needs.

/** A mark that `practice` has left, with the operation that left it. */
export const PracticeMark = z.object({ mark: z.string(), operation: z.string() })
export type PracticeMark = z.infer<typeof PracticeMark>

/** What a look may ask. Storage rejects where the host has no ZFS. */
export interface LookPorts {
  storage: () => Storage
  /** Marks in the agent's own folder. */
  marks: () => Promise<PracticeMark[]>
}

const Nothing = z.strictObject({})

export const looks = {
  'pool-status': observed(z.array(PoolStatus), (zfs) => zfs.poolStatus),
  pools: observed(z.array(Pool), (zfs) => zfs.pools),
  /** From kstats: answers also while every `zpool` hangs. */
  'pool-states': observed(z.record(z.string(), PoolState), (zfs) => zfs.poolStates),
  'practice-marks': asked({
    source: 'the marks of practice',
    within: seconds(20),
    Question: Nothing,
    Answer: z.array(PracticeMark),
    ask: ({ marks }) => marks(),
  }),
  /** The snapshots of one dataset, oldest first; not those of datasets below it. */
  snapshots: asked({
    source: 'zfs list -t snapshot',
    // 2,100 mounted ones took half a minute (2.1.11 and 2.3.2, without KVM).
    within: minutes(2),
    Question: z.strictObject({ dataset: DatasetName }),
    Answer: z.array(Snapshot),
    ask: ({ storage }, { dataset }, signal) => storage().snapshots(dataset, signal),
  }),
  /** By snapshot, and within it by tag. Costly: ask for those whose `userrefs` is not 0. */
  holds: asked({
    source: 'zfs holds',
    within: minutes(2),
    Question: z.strictObject({ snapshots: z.array(SnapshotName).min(1).max(200) }),
    Answer: z.array(Hold),
    ask: ({ storage }, { snapshots }, signal) => storage().holds(snapshots, signal),
  }),
} as const

export type LookName = keyof typeof looks
export const lookNames = Object.keys(looks)
export const isLookName = (name: string): name is LookName => Object.hasOwn(looks, name)

export type LookQuestion<Name extends LookName> = z.input<(typeof looks)[Name]['Question']>
export type LookAnswer<Name extends LookName> = z.output<(typeof looks)[Name]['Answer']>

/**
 * Looks at one host now: at what is there after the question, never at an old observation. Rejects where it cannot be seen.
 * Implementations: a host's own process, and an agent reached from afar.
 */
export type LookNow = <Name extends LookName>(
  what: Name,
  question: LookQuestion<Name>,
  signal?: AbortSignal,
) => Promise<LookAnswer<Name>>

/** What the observation tells too: its own probe is asked at once. */
interface ObservedLook<Answer extends z.ZodType> {
  Question: typeof Nothing
  Answer: Answer
  probe: (zfs: ProbesOf<ZfsObservation>) => Probe<z.output<Answer>>
}

/** What no observation carries: asked of the ports. */
interface AskedLook<Question extends z.ZodType, Answer extends z.ZodType> {
  Question: Question
  Answer: Answer
  /** The command, as it is shown to people. */
  source: string
  within: Duration
  ask: (ports: LookPorts, question: z.output<Question>, signal: AbortSignal) => Promise<z.output<Answer>>
}

function observed<Answer extends z.ZodType>(
  Answer: Answer,
  probe: ObservedLook<Answer>['probe'],
): ObservedLook<Answer> {
  return { Question: Nothing, Answer, probe }
}

/** The question is read by its schema: what is not a question to this look is refused by it. */
function asked<Question extends z.ZodType, Answer extends z.ZodType>(
  look: AskedLook<Question, Answer>,
): Omit<AskedLook<Question, Answer>, 'ask'> & {
  ask: (ports: LookPorts, question: unknown, signal: AbortSignal) => Promise<z.output<Answer>>
} {
  return { ...look, ask: (ports, question, signal) => look.ask(ports, look.Question.parse(question), signal) }
}
