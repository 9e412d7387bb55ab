import { isFinal, type OperationId, type OperationState } from '../../domain/operation.ts'
import { ScrubResult } from '../../operations/scrub-words.ts'
import type { PoolStatus, Scan } from '../../domain/pool-status.ts'
import { type Instant, minutes } from '../../domain/units.ts'
import type { Begun, Look, LookContext } from '../../engine/step.ts'
import { isResilver, type PoolTarget, statusOf } from '../parts/pool.ts'
import { isSameScrub, recordOf, type ScrubRecord, scrubIn } from './records.ts'
import type { World } from '../world.ts'

/** How far the clock of a host may be off from ours, where nothing better tells one scrub from another. */
const clocksDiffer = minutes(10)

/** What is seen of a scrub, and the scan itself where it runs. */
export type ScrubLook = Look<ScrubRecord> & { scan?: Scan | undefined }

/**
 * Whose scrub it is that `zpool status` tells of. ZFS does not say who has started one, so three things together do: one of our
 * operations may have started it; it is another one than the last before ours (`before`, by the host's own clock); or it was
 * paused before, and we were told to go on with it.
 */
export async function lookAtScrub(
  context: LookContext<World>,
  target: PoolTarget,
  before: ScrubRecord | null,
): Promise<ScrubLook> {
  const { world, begun, signal } = context
  // In this order: what an operation has done by then is seen.
  const states = begun === undefined ? [] : await statesOf(context, target.host, begun.operations)
  const [pause] = begun === undefined ? [] : await statesOf(context, target.host, begun.pauses.slice(-1))
  const status = await statusOf(world, target, signal)
  return judgeScrub({ target, before, begun, states, pause, status })
}

/** The states of operations, in their order; undefined for one that the host does not know. */
async function statesOf(
  { world, signal }: LookContext<World>,
  host: string,
  operations: readonly OperationId[],
): Promise<(OperationState | undefined)[]> {
  const states: (OperationState | undefined)[] = []
  for (const id of operations) states.push(await world.host(host).changes.result(id, signal))
  return states
}

export function judgeScrub(seen: {
  target: PoolTarget
  before: ScrubRecord | null
  begun: Begun | undefined
  states: readonly (OperationState | undefined)[]
  /** How our last pause has ended; undefined where there was none, or where it was forgotten. */
  pause?: OperationState | undefined
  status: PoolStatus
}): ScrubLook {
  const { target, before, begun, states, pause, status } = seen
  const called = `${target.pool} on ${target.host}`
  const scan = scrubIn(status)
  const record = scan === undefined ? undefined : recordOf(scan)
  const newest = states.at(-1)
  if (newest !== undefined && !isFinal(newest)) return { state: 'running', says: 'the host works on it', scan }

  const mayBeOurs = begun !== undefined && states.some((state) => mayHaveStarted(state, record, begun.at))
  const isAnother = record !== undefined && (before === null || !isSameScrub(record, before))
  const isOurs = mayBeOurs && (isAnother || (record !== undefined && before?.state === 'paused'))
  if (!isOurs || record === undefined || begun === undefined) {
    if (mayBeOurs && record === undefined && status.scans.some((one) => isResilver(one))) {
      const says = `a resilver has taken the place of the scrub of ${called}: when it has ended, it can be run again`
      return { state: 'foreign', says, offers: 'run' }
    }
    return notOurs(record, called)
  }
  switch (record.state) {
    case 'in-progress':
      return { state: 'running', scan }
    case 'finished':
      return { state: 'done', result: record }
    case 'canceled': {
      const says = `somebody has stopped the scrub of ${called} before its end: it can be begun anew`
      return { state: 'foreign', says, offers: 'run' }
    }
    case 'paused':
      break
  }
  return isPausedByUs(begun, states, pause)
    ? { state: 'absent', says: 'it was paused, and goes on from there' }
    : { state: 'foreign', says: `somebody has paused the scrub of ${called}: it can be resumed`, offers: 'run' }
}

function notOurs(record: ScrubRecord | undefined, called: string): ScrubLook {
  if (record?.state === 'in-progress') {
    return {
      state: 'foreign',
      says: `${called} is being scrubbed already, and not by this run: wait until that has ended`,
    }
  }
  if (record?.state === 'paused') {
    return {
      state: 'foreign',
      says: `somebody has begun a scrub of ${called} and paused it: it can be resumed`,
      offers: 'run',
    }
  }
  return { state: 'absent' }
}

/** A scrub that was running already when ours came is not ours. A host that has forgotten leaves only the time to go by. */
function mayHaveStarted(state: OperationState | undefined, record: ScrubRecord | undefined, begunAt: Instant): boolean {
  if (state === undefined) {
    const startedAt = record?.startedAt ?? null
    return startedAt !== null && Math.abs(startedAt - begunAt) < clocksDiffer
  }
  return state.state === 'lost' || (state.state === 'succeeded' && outcomeOf(state) !== 'was-running')
}

/** It is, as long as no operation of ours has gone on with it since. */
function isPausedByUs(
  { operations, pauses, sincePause }: Begun,
  states: readonly (OperationState | undefined)[],
  pause: OperationState | undefined,
): boolean {
  if (pauses.length === 0 || (pause?.state === 'succeeded' && outcomeOf(pause) === 'was-paused')) return false
  return !states
    .slice(operations.length - sincePause.length)
    .some((state) => state?.state === 'succeeded' && outcomeOf(state) !== 'was-running')
}

const outcomeOf = ({ result }: OperationState & { state: 'succeeded' }): string | undefined => {
  const read = ScrubResult.safeParse(result)
  return read.success ? read.data.outcome : undefined
}
