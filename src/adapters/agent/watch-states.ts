import { longestWatchSilenceMs, operationPaths, WatchLine } from '../../api/operations.ts'
import { UnexpectedOutput, Unreachable } from '../../domain/errors.ts'
import type { OperationId, OperationState } from '../../domain/operation.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import { milliseconds } from '../../domain/units.ts'
import { parseAnswer } from './answer-text.ts'
import { Refused } from './ask.ts'
import { askLines } from './ask-lines.ts'
import type { Reach } from './reach.ts'
import { asRefusal } from './remote-refusal.ts'

const longestSilence = milliseconds(longestWatchSilenceMs)

/** The states of one operation, over one connection. Silence, and an end that is none, throw {@link Unreachable}. */
export async function* watchStates(
  reach: Reach,
  id: OperationId,
  clock: Clock,
  /** Told with every line: the other side is there, also while nothing changes. */
  onLife: () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<OperationState, void, undefined> {
  const called = new AbortController()
  const ended = signal === undefined ? called.signal : AbortSignal.any([signal, called.signal])
  const path = operationPaths.watch(id)
  try {
    const open = reach((route, needed) => askLines(route, { path, signal: ended, ...needed }), ended, 'alone')
    const lines = (await inTime(open, clock))[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await inTime(lines.next(), clock)
      if (done === true) throw new Unreachable('the states broke off: the end did not come')
      const line = WatchLine.safeParse(parseAnswer(value, path))
      if (!line.success) throw new UnexpectedOutput('a watched state is not of our contract', value)
      if (line.data.kind === 'failed') throw new Refused(line.data.error)
      onLife()
      if (line.data.kind === 'state') yield line.data.state
    }
  } catch (error) {
    throw asRefusal(error)
  } finally {
    called.abort()
  }
}

/** The time counts only while we wait for the other side. */
async function inTime<T>(promise: Promise<T>, clock: Clock): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const silent = new Unreachable(`no sign of life for ${longestSilence / 1000} s`)
  const callOff = clock.after(longestSilence, () => reject(silent))
  try {
    return await Promise.race([promise, late])
  } finally {
    callOff()
  }
}
