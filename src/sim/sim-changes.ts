import { Refusal, Unreachable } from '../domain/errors.ts'
import { isFinal, madeAt, type OperationId, type OperationState } from '../domain/operation.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { seconds } from '../domain/units.ts'
import { hostOf } from './lookup.ts'
import { cancelOperation, settleOperations, stateOfOperation } from './operations.ts'
import type { SimOperation } from './sim-operation.ts'
import type { World } from './world.ts'

/** How often a watcher looks, in the world's time. */
const lookEvery = seconds(1)

/** The agent of one simulated host, as what it is asked to do. */
export function simChanges(world: World, name: string, clock: Pick<Clock, 'after'>): Changes {
  const changing = () => {
    const host = hostOf(world, name)
    if (host.agent === 'down') throw new Unreachable(`nobody answers at ${name}`)
    return host.changing
  }
  const find = (id: OperationId): SimOperation | undefined => changing().operations.find((one) => one.id === id)
  const stateOf = (one: SimOperation): OperationState => structuredClone(stateOfOperation(world, one))
  return {
    submit: async (id, operation, signal) => {
      signal?.throwIfAborted()
      const known = find(id)
      if (known !== undefined) return stateOf(known)
      const { allows, delay, remembersSince, operations } = changing()
      if (madeAt(id) < remembersSince) {
        throw new Refusal('too-old', `${name} does not remember as far back as the operation ${id} was made`)
      }
      if (!allows.includes(operation.kind)) {
        throw new Refusal('policy', `the policy of ${name} does not allow ${operation.kind}`, {
          hint: `name it under the operations that /etc/tiercel/policy.yaml on ${name} allows`,
        })
      }
      const one: SimOperation = {
        id,
        operation: structuredClone(operation),
        acceptedAt: world.now,
        beginsAt: world.now + delay,
        hasBegun: false,
        endsAt: null,
        end: null,
      }
      operations.push(one)
      settleOperations(world)
      return stateOf(one)
    },
    async *watch(id, signal) {
      for (;;) {
        signal?.throwIfAborted()
        const one = find(id)
        if (one === undefined) throw new Refusal('unknown-operation', `${name} knows no operation ${id}`)
        const state = stateOf(one)
        yield state
        if (isFinal(state)) return
        await pause(clock, signal)
      }
    },
    result: async (id, signal) => {
      signal?.throwIfAborted()
      const one = find(id)
      return one === undefined ? undefined : stateOf(one)
    },
    cancel: async (id, signal) => {
      signal?.throwIfAborted()
      const one = find(id)
      if (one === undefined) return undefined
      cancelOperation(one)
      return stateOf(one)
    },
  }
}

/** Until it is time to look again; ends at once when called off. */
function pause(clock: Pick<Clock, 'after'>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(lookEvery, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    const stop = () => {
      cancel()
      resolve()
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
