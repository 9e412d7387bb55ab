import { isFinal, type OperationState } from '../../domain/operation.ts'
import { ScrubResult } from '../../operations/scrub-words.ts'
import type { PoolStatus } from '../../domain/pool-status.ts'
import { type Instant, minutes } from '../../domain/units.ts'
import type { Begun, LookContext } from '../../engine/step.ts'
import { type Ongoing, progressOf } from '../parts/ongoing-step.ts'
import { statesOf } from '../parts/operation-step.ts'
import { isResilver, type PoolTarget, statusOf } from '../parts/pool.ts'
import { isSameScrub, recordIn, type ScrubRecord, scrubIn } from './records.ts'
import type { World } from '../world.ts'

/** How far the clock of a host may be off from ours, where nothing better tells one scrub from another. */
const clocksDiffer = minutes(10)

/**
 * Whose scrub it is that `zpool status` tells of. ZFS does not say who has started one, so three things together do: one of our
 * operations may have started it; it is another one than the last before ours (`before`, by the host's own clock); or it was
 * paused before, and we were told to go on with it.
 */
export async function lookAtScrub(
  context: LookContext<World>,
  target: PoolTarget,
  before: ScrubRecord | null,
): Promise<Ongoing<ScrubRecord>> {
  const { world, begun, signal } = context
  // In this order: what an operation has done by then is seen.
  const states = await statesOf(context, target.host, begun?.operations)
  const [pause] = await statesOf(context, target.host, begun?.pauses.slice(-1))
  return judgeScrub({ target, before, begun, states, pause, status: await statusOf(world, target, signal) })
}

export function judgeScrub(seen: {
  target: PoolTarget
  before: ScrubRecord | null
  begun: Begun | undefined
  /** Of our operations, in their order; undefined for one that the host does not know. */
  states: readonly (OperationState | undefined)[]
  /** How our last pause has ended; undefined where there was none, or where it was forgotten. */
  pause?: OperationState | undefined
  status: PoolStatus
}): Ongoing<ScrubRecord> {
  const { target, before, begun, states, pause, status } = seen
  const scrub = `the scrub of ${target.pool} on ${target.host}`
  const record = recordIn(status)
  const newest = states.at(-1)
  if (newest !== undefined && !isFinal(newest)) return { state: 'running', says: 'the host works on it' }

  const mayBeOurs = begun !== undefined && states.some((state) => mayHaveStarted(state, record, begun.at))
  const isAnother = record !== null && (before === null || !isSameScrub(record, before))
  if (record === null || !mayBeOurs || !(isAnother || before?.state === 'paused')) {
    return mayBeOurs && record === null && status.scans.some((one) => isResilver(one))
      ? foreign(`a resilver has taken the place of ${scrub}: when it has ended, it can be run again`)
      : notOurs(record, target)
  }
  if (record.state === 'finished') return { state: 'done', result: record }
  if (record.state === 'canceled') return foreign(`somebody has stopped ${scrub} before its end: it can be begun anew`)
  if (record.state === 'in-progress') {
    const scan = scrubIn(status)
    return { state: 'running', progress: scan && progressOf(scan) }
  }
  return isPausedByUs(begun, states, pause)
    ? { state: 'absent', says: 'it was paused, and goes on from there', isPaused: true }
    : foreign(`somebody has paused ${scrub}: it can be resumed`)
}

/** A person may say that it is to be run all the same. */
const foreign = (says: string): Ongoing<ScrubRecord> => ({ state: 'foreign', says, offers: 'run' })

function notOurs(record: ScrubRecord | null, { host, pool }: PoolTarget): Ongoing<ScrubRecord> {
  if (record?.state === 'paused')
    return foreign(`somebody has begun a scrub of ${pool} on ${host} and paused it: it can be resumed`)
  if (record?.state !== 'in-progress') return { state: 'absent' }
  const says = `${pool} on ${host} is being scrubbed already, and not by this run: wait until that has ended`
  return { state: 'foreign', says }
}

/** A scrub that was running already when ours came is not ours. A host that has forgotten leaves only the time to go by. */
function mayHaveStarted(state: OperationState | undefined, record: ScrubRecord | null, begunAt: Instant): boolean {
  if (state !== undefined) return state.state === 'lost' || hasStarted(state)
  const startedAt = record?.startedAt ?? null
  return startedAt !== null && Math.abs(startedAt - begunAt) < clocksDiffer
}

/** It is, as long as no operation of ours has gone on with it since. */
function isPausedByUs(
  { operations, pauses, sincePause }: Begun,
  states: readonly (OperationState | undefined)[],
  pause: OperationState | undefined,
): boolean {
  if (pauses.length === 0 || outcomeOf(pause) === 'was-paused') return false
  return !states.slice(operations.length - sincePause.length).some(hasStarted)
}

const hasStarted = (state: OperationState | undefined): boolean =>
  state?.state === 'succeeded' && outcomeOf(state) !== 'was-running'

const outcomeOf = (state: OperationState | undefined): string | undefined =>
  state?.state === 'succeeded' ? ScrubResult.safeParse(state.result).data?.outcome : undefined
