import { asRefusal } from '../adapters/agent/remote-refusal.ts'
import { Refused } from '../adapters/agent/ask.ts'
import { watchLines } from '../agent/operations/watch-lines.ts'
import type { ApiError } from '../api/agent.ts'
import { OperationRequest } from '../api/operations.ts'
import { Refusal, Unreachable } from '../domain/errors.ts'
import { apiVersion } from '../domain/observation.ts'
import { type Authority, isFinal, type OperationState } from '../domain/operation.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { PublicKey, Signature } from '../domain/signed.ts'
import { Instant, seconds } from '../domain/units.ts'
import { agentOf } from './sim-agent.ts'
import { reachAgent } from './sim-fleet.ts'
import type { World } from './world.ts'

/** Whoever asks is in this process: nothing is signed, and every controller has the same key, which is none. */
const UnsignedRequest = OperationRequest.omit({ at: true, signature: true })
const unsigned = {
  key: PublicKey.parse(`ed25519:${'A'.repeat(43)}`),
  at: Instant.parse(0),
  signature: Signature.parse('A'.repeat(86)),
}

/** Who asks where nobody says. */
const anybody: Authority = { controller: 'simulated', epoch: 1 }

/** The agent of one simulated host, as what it is asked to do by one controller. */
export function simChanges(
  world: World,
  name: string,
  clock: Pick<Clock, 'after'>,
  authority: Authority = anybody,
): Changes {
  const agent = () => {
    reachAgent(world, name)
    return agentOf(world, name, clock)
  }
  return {
    submit: async (id, operation, signal) => {
      signal?.throwIfAborted()
      const request = UnsignedRequest.safeParse({ apiVersion, host: name, id, authority, operation })
      if (!request.success) throw new Refusal('bad-request', request.error.issues[0]?.message ?? 'not understood')
      return stateOf(await agent().operations.submit(request.data))
    },
    async *watch(id, signal) {
      const watching = agent()
      const watched = await watching.operations.watch(id)
      if (watched === undefined) {
        throw new Refusal('unknown-operation', `${name} knows no operation ${id}`, { remedy: 'ask' })
      }
      const lines = watchLines(watched, { clock, every: seconds(1) })
      const stop = () => lines.stop()
      signal?.addEventListener('abort', stop, { once: true })
      try {
        for (;;) {
          const { value } = await lines.next()
          signal?.throwIfAborted()
          if (agent() !== watching) throw new Unreachable(`the agent of ${name} ended`)
          if (value?.kind !== 'state') continue
          yield structuredClone(value.state)
          if (isFinal(value.state)) return
        }
      } finally {
        signal?.removeEventListener('abort', stop)
        stop()
      }
    },
    result: async (id, signal) => {
      signal?.throwIfAborted()
      return agent().operations.find(id)
    },
    cancel: async (id, signal) => {
      signal?.throwIfAborted()
      const answer = await agent().operations.cancel(id, { host: name, authority })
      return answer === undefined ? undefined : stateOf(answer)
    },
  }
}

/** A host takes another controller, by name: it refuses all others from then on. */
export async function takeOver(
  world: World,
  name: string,
  { clock, authority }: { clock: Pick<Clock, 'after'>; authority: Authority },
): Promise<void> {
  const { log } = agentOf(world, name, clock)
  const taken = await log.take({ apiVersion, host: name, ...authority, takeOver: true, ...unsigned }, true)
  if ('refusal' in taken) throw asRefusal(new Refused(taken.refusal))
}

/** What the routes of an agent would answer, in the words of the port. */
function stateOf(answer: { state: OperationState } | { refusal: ApiError['error'] }): OperationState {
  if ('refusal' in answer) throw asRefusal(new Refused(answer.refusal))
  return answer.state
}
