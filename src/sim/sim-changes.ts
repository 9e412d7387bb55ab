import { isDeepStrictEqual } from 'node:util'
import { Refusal, Unreachable } from '../domain/errors.ts'
import {
  type Authority,
  isFinal,
  madeAt,
  type Operation,
  type OperationId,
  type OperationState,
} from '../domain/operation.ts'
import { subjectOf } from '../domain/operation-result.ts'
import { isHarmless } from '../domain/policy.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { Clock } from '../domain/ports/clock.ts'
import { hours, milliseconds } from '../domain/units.ts'
import { hostOf } from './lookup.ts'
import { cancelOperation, settleOperations, stateOfOperation } from './operations.ts'
import type { SimChanging, SimOperation } from './sim-operation.ts'
import type { World } from './world.ts'

/** How often a watcher looks, in the world's time. */
const lookEvery = milliseconds(200)

/** Who asks where nobody says. */
const anybody: Authority = { controller: 'simulated', epoch: 1 }

/** The agent of one simulated host, as what it is asked to do by one controller. */
export function simChanges(
  world: World,
  name: string,
  clock: Pick<Clock, 'after'>,
  authority: Authority = anybody,
): Changes {
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
      if (known !== undefined) {
        if (isDeepStrictEqual(known.operation, operation)) return stateOf(known)
        throw new Refusal('id-reused', `the id ${id} belongs to another operation on ${name}`)
      }
      obey(name, changing(), authority)
      judgeNew(world, name, id, operation)
      const one: SimOperation = {
        id,
        operation: structuredClone(operation),
        acceptedAt: world.now,
        beginsAt: world.now + changing().delay,
        hasBegun: false,
        endsAt: null,
        end: null,
      }
      changing().operations.push(one)
      // As an agent does: it answers when it has written it down, before it begins.
      const accepted = stateOf(one)
      settleOperations(world)
      return accepted
    },
    async *watch(id, signal) {
      for (;;) {
        signal?.throwIfAborted()
        const one = find(id)
        if (one === undefined)
          throw new Refusal('unknown-operation', `${name} knows no operation ${id}`, { remedy: 'ask' })
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
      obey(name, changing(), authority)
      const one = find(id)
      if (one === undefined) return undefined
      cancelOperation(one)
      return stateOf(one)
    },
  }
}

/** A host takes another controller, by name: it refuses all others from then on. */
export function takeOver(world: World, name: string, authority: Authority): void {
  const { changing } = hostOf(world, name)
  const { obeys } = changing
  if (obeys !== null && obeys.controller !== authority.controller && authority.epoch <= obeys.epoch) {
    throw new Refusal('other-controller', `${name} obeys ${obeys.controller} of epoch ${obeys.epoch}`)
  }
  changing.obeys = authority
}

/** The first controller that comes is obeyed, and of that only its newest epoch. */
function obey(name: string, changing: SimChanging, { controller, epoch }: Authority): void {
  const { obeys } = changing
  if (obeys !== null && obeys.controller !== controller) {
    throw new Refusal('other-controller', `${name} obeys the controller ${obeys.controller}, not ${controller}`)
  }
  if (obeys !== null && epoch < obeys.epoch) {
    throw new Refusal('older-epoch', `${name} obeys ${controller} of epoch ${obeys.epoch}; this is epoch ${epoch}`)
  }
  Object.assign(changing, { obeys: { controller, epoch } })
}

/** An id from further ahead comes of a clock that is wrong. */
const furthestAhead = hours(1)

/** Throws where a new operation would not be done. */
function judgeNew(world: World, name: string, id: OperationId, operation: Operation): void {
  const { changing, machine } = hostOf(world, name)
  const now = world.now + machine.clockOffset
  if (madeAt(id) < changing.remembersSince) {
    throw new Refusal('id-too-old', `${name} does not remember as far back as the operation ${id} was made`)
  }
  if (madeAt(id) > now + furthestAhead) throw new Refusal('id-ahead', `the operation ${id} comes out of the future`)
  if (!isHarmless(operation.kind) && !changing.allows.includes(operation.kind)) {
    throw new Refusal('refused-by-policy', `no line of /etc/tiercel/policy.yaml on ${name} allows ${operation.kind}`, {
      hint: `name ${operation.kind} under allow in /etc/tiercel/policy.yaml on ${name}`,
    })
  }
  const subject = subjectOf(operation)
  const busy = changing.operations.find((one) => one.end === null && subjectOf(one.operation) === subject)
  if (busy !== undefined) {
    throw new Refusal('busy', `${name} works on the ${subject} for ${busy.id}`, { remedy: 'retry' })
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
