import { type CancelRequest, OperationAnswer, operationPaths, type OperationRequest } from '../../api/operations.ts'
import { Refusal, Unreachable } from '../../domain/errors.ts'
import { apiVersion } from '../../domain/observation.ts'
import { type Authority, isFinal, type OperationState } from '../../domain/operation.ts'
import type { Changes } from '../../domain/ports/changes.ts'
import type { Clock } from '../../domain/ports/clock.ts'
import { signedText, type Signer } from '../../domain/signed.ts'
import { age, type Duration, milliseconds, minutes, seconds } from '../../domain/units.ts'
import { pause } from '../../observe/pause.ts'
import { ask } from './ask.ts'
import type { Reach } from './reach.ts'
import { asRefusal } from './remote-refusal.ts'
import { watchStates } from './watch-states.ts'

/** Who asks a host to change something. */
export interface Asking {
  /** The agent that is meant, by its name in the fleet file. */
  host: string
  /** Read anew for each request: an epoch can rise. */
  authority: () => Authority
  /** Signs each request, by the clock as it is then. */
  signer: Signer
  clock: Clock
  /** How long one answer may take. Default 20 s. */
  answerWithin?: Duration
  /** How long a watched host may be away before that is told. Default 2 min. */
  awayAtMost?: Duration
}

/** Most operations take less than a second: these are asked for over the shared connection, before a stream is opened. */
const firstLooks = [milliseconds(100), milliseconds(300), milliseconds(800)]
const longestPause = seconds(10)

/** Changes on a host, by its agent. */
export function remoteChanges(reach: Reach, asking: Asking): Changes {
  const { host, authority, signer, clock, answerWithin = seconds(20), awayAtMost = minutes(2) } = asking

  const question = async (path: string, body: unknown, signal: AbortSignal | undefined): Promise<OperationState> => {
    signal?.throwIfAborted()
    const late = new AbortController()
    const callOff = clock.after(answerWithin, () => late.abort(new Error(`nothing came in ${answerWithin / 1000} s`)))
    const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])
    const asked = { path, signal: either, ...(body === undefined ? {} : { body }) }
    try {
      return (await reach((route, needed) => ask(route, OperationAnswer, { ...asked, ...needed }), either)).state
    } catch (error) {
      throw asRefusal(error)
    } finally {
      callOff()
    }
  }
  return {
    submit: (id, operation, signal) => {
      const said = { host, id, operation, authority: authority(), at: clock.now() }
      const signature = signer.sign(signedText({ what: 'operation', ...said }))
      return question(operationPaths.operations, { apiVersion, ...said, signature } satisfies OperationRequest, signal)
    },
    result: (id, signal) => orNothing(question(operationPaths.operation(id), undefined, signal)),
    cancel: (id, signal) => {
      const said = { host, authority: authority(), at: clock.now() }
      const signature = signer.sign(signedText({ what: 'cancel', id, ...said }))
      const request = { apiVersion, ...said, signature } satisfies CancelRequest
      return orNothing(question(operationPaths.cancel(id), request, signal))
    },
    async *watch(id, signal) {
      let awaySince = clock.now()
      let wait: Duration = seconds(1)
      const isThere = () => {
        awaySince = clock.now()
        wait = seconds(1)
      }
      let looks = 0
      for (;;) {
        try {
          const first = firstLooks[looks]
          looks += 1
          if (first === undefined) {
            for await (const state of watchStates(reach, id, clock, isThere, signal)) {
              yield state
              if (isFinal(state)) return
            }
          } else {
            const state = await question(operationPaths.operation(id), undefined, signal)
            yield state
            if (isFinal(state)) return
            isThere()
            await pause(clock, first, signal)
          }
          signal?.throwIfAborted()
        } catch (error) {
          signal?.throwIfAborted()
          if (!(error instanceof Unreachable) || age(awaySince, clock.now()) >= awayAtMost) throw error
          await pause(clock, wait, signal)
          signal?.throwIfAborted()
          wait = milliseconds(Math.min(longestPause, wait * 2))
        }
      }
    },
  }
}

async function orNothing(answer: Promise<OperationState>): Promise<OperationState | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Refusal && error.code === 'unknown-operation') return undefined
    throw error
  }
}
