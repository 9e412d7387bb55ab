import { type CommandRecord, isFinal, type Operation, type OperationState } from '../domain/operation.ts'
import type { MarkResult, ScrubResult } from '../domain/operation-result.ts'
import { shareOf } from '../domain/units.ts'
import { doScrub } from './do-scrub.ts'
import { hostOf, recordEffect } from './lookup.ts'
import type { SimOperation } from './sim-operation.ts'
import { isHangOver } from './sim-zpool.ts'
import type { SimHostState, World } from './world.ts'

// What the agents of simulated hosts do with operations, as the world's time passes.

/** Moves every operation on as far as it has come by now. What it does is done once, and written down among the effects. */
export function settleOperations(world: World): void {
  for (const host of world.hosts) {
    for (const one of host.changing.operations) {
      if (one.end !== null) continue
      if (!one.hasBegun) {
        if (one.beginsAt > world.now) continue
        one.hasBegun = true
        begin(world, host, one)
      } else if (isHung(one) && isGoingOn(host, one.operation)) begin(world, host, one)
      if (one.end === null && one.endsAt !== null && one.endsAt <= world.now) finish(world, host, one)
    }
  }
}

/** When an operation is due to begin or to end; undefined when none is. */
export function nextOperationAt({ now, hosts }: World): number | undefined {
  let next: number | undefined
  for (const host of hosts) {
    for (const one of host.changing.operations) {
      if (one.end !== null) continue
      const at = isHung(one) && isGoingOn(host, one.operation) ? now : one.hasBegun ? one.endsAt : one.beginsAt
      if (at !== null && (next === undefined || at < next)) next = at
    }
  }
  return next
}

/** How far it is, as the host's agent would tell. */
export function stateOfOperation({ now }: World, one: SimOperation): OperationState {
  if (one.end !== null) return one.end
  if (!one.hasBegun) return { state: 'accepted' }
  if (one.operation.kind !== 'practice-mark') return { state: 'running' }
  return { state: 'running', share: shareOf(now - one.beginsAt, one.operation.takes) }
}

/** Calls one off. What hangs in the kernel cannot be. */
export function cancelOperation(one: SimOperation): void {
  if (one.end === null && !isHung(one)) end(one, failed('it was canceled; nothing of it is left', 'stop'))
}

/**
 * The agent of a host dies, and comes back: what had not ended is lost. `commandsGoOn`: a program that was running has its
 * effect nevertheless, as one in the kernel has; a mark is then left at once.
 */
export function loseOperations(world: World, name: string, { commandsGoOn }: { commandsGoOn: boolean }): void {
  const host = hostOf(world, name)
  for (const one of host.changing.operations) {
    if (one.end !== null) continue
    if (commandsGoOn) {
      one.hasBegun = true
      one.beginsAt = Math.min(one.beginsAt, world.now)
      if (one.endsAt === null) begin(world, host, one)
      if (one.end === null && !isHung(one)) finish(world, host, one)
    }
    end(one, { state: 'lost', error: `the agent of ${name} ended while it ran` })
  }
}

const isHung = ({ hasBegun, endsAt, end: ended }: SimOperation): boolean =>
  hasBegun && endsAt === null && ended === null

/** Whether a command that hangs would get on by now. */
function isGoingOn(host: SimHostState, operation: Operation): boolean {
  if (!('pool' in operation)) return false
  const pool = host.pools.find(({ name }) => name === operation.pool)
  return pool !== undefined && isHangOver(host, pool)
}

function end(one: SimOperation, state: OperationState): void {
  if (!isFinal(state)) return
  one.end = state
  one.endsAt = null
}

const failed = (error: string, remedy: 'retry' | 'ask' | 'stop', commands: CommandRecord[] = []): OperationState => ({
  state: 'failed',
  error,
  remedy,
  commands,
})
const succeeded = (result: ScrubResult | MarkResult, commands: CommandRecord[] = []): OperationState => ({
  state: 'succeeded',
  result,
  commands,
})

function begin(world: World, host: SimHostState, one: SimOperation): void {
  const { operation, beginsAt } = one
  switch (operation.kind) {
    case 'practice-mark':
      one.endsAt = beginsAt + (operation.fails ? operation.takes / 2 : operation.takes)
      return
    case 'practice-unmark':
      one.endsAt = beginsAt
      return
    case 'scrub-start':
    case 'scrub-pause':
    case 'scrub-stop': {
      const state = doScrub(world, host, operation, one.id)
      if (state !== 'hangs') end(one, state)
    }
  }
}

/** What takes its time has its effect at its end. */
function finish(world: World, host: SimHostState, one: SimOperation): void {
  const { operation, id } = one
  if (!('mark' in operation)) return
  const { mark } = operation
  const { marks } = host.changing
  const effect = (kind: string) => recordEffect(world, kind, `${mark} on ${host.name} by ${id}`)
  const at = marks.findIndex((there) => there.mark === mark)
  if (operation.kind === 'practice-unmark') {
    if (at >= 0) {
      marks.splice(at, 1)
      effect('practice mark removed')
    }
    end(one, succeeded({ mark, outcome: at >= 0 ? 'taken-away' : 'was-none' }))
  } else if (operation.fails) {
    end(one, failed(`the mark ${mark} failed half-way, as it was asked to; nothing of it is left`, 'stop'))
  } else if (at >= 0) {
    end(one, failed(`the mark ${mark} is there already, left by ${marks[at]?.operation ?? ''}`, 'ask'))
  } else {
    marks.push({ mark, operation: id, leftAt: world.now })
    effect('practice mark left')
    end(one, succeeded({ mark, outcome: 'left' }))
  }
}
