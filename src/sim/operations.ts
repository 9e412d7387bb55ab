import { type CommandRecord, isFinal, type Operation, type OperationState } from '../domain/operation.ts'
import { milliseconds, Instant, shareOf } from '../domain/units.ts'
import { hostOf, recordEffect } from './lookup.ts'
import type { SimOperation } from './sim-operation.ts'
import { isHangOver, runZpool } from './sim-zpool.ts'
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
  if (one.end === null && !isHung(one)) end(one, failed('it was called off', 'ask', []))
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

const failed = (error: string, remedy: 'retry' | 'ask' | 'stop', commands: CommandRecord[]): OperationState => ({
  state: 'failed',
  error,
  remedy,
  commands,
})
const succeeded = (commands: CommandRecord[] = []): OperationState => ({ state: 'succeeded', result: null, commands })

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
      command(world, host, one, [...(operation.errorsOnly ? ['-e'] : []), operation.pool])
      return
    case 'scrub-pause':
      command(world, host, one, ['-p', operation.pool])
      return
    case 'scrub-stop':
      command(world, host, one, ['-s', operation.pool])
  }
}

/** The executor looks at the guid, and runs `zpool scrub`. */
function command(world: World, host: SimHostState, one: SimOperation, scrub: readonly string[]): void {
  const { operation } = one
  if (!('guid' in operation)) return
  const commands: CommandRecord[] = []
  if (!host.executor) {
    end(one, failed(`nobody with root's rights answers on ${host.name}`, 'ask', commands))
    return
  }
  const run = (args: readonly string[]) => {
    const outcome = runZpool(world, host, args, { by: one.id })
    if (outcome !== 'hangs') commands.push(recordOf(world, host, args, outcome))
    return outcome
  }
  const seen = run(['get', '-Hp', '-o', 'value', 'guid', operation.pool])
  if (seen === 'hangs') return
  if (seen.exitCode === 0 && seen.stdout.trim() !== operation.guid) {
    const why = `the pool ${operation.pool} on ${host.name} has the guid ${seen.stdout.trim()}, and not ${operation.guid}: it is another pool`
    end(one, failed(why, 'stop', commands))
    return
  }
  const outcome = seen.exitCode === 0 ? run(['scrub', ...scrub]) : seen
  if (outcome === 'hangs') return
  end(
    one,
    outcome.exitCode === 0
      ? succeeded(commands)
      : failed(`zpool exited with ${outcome.exitCode}: ${outcome.stderr.trim()}`, 'ask', commands),
  )
}

function recordOf(
  world: World,
  host: SimHostState,
  args: readonly string[],
  outcome: Pick<CommandRecord, 'exitCode' | 'stdout' | 'stderr'>,
): CommandRecord {
  return {
    host: host.name,
    command: ['zpool', ...args].join(' '),
    at: Instant.parse(Math.floor(world.now) + host.machine.clockOffset),
    took: milliseconds(0),
    ...outcome,
  }
}

/** What takes its time has its effect at its end. */
function finish(world: World, host: SimHostState, one: SimOperation): void {
  const { operation, id } = one
  const { marks } = host.changing
  const subject = `${host.name} by ${id}`
  if (operation.kind === 'practice-unmark') {
    const at = marks.findIndex(({ mark }) => mark === operation.mark)
    if (at >= 0) {
      marks.splice(at, 1)
      recordEffect(world, 'practice mark removed', `${operation.mark} on ${subject}`)
    }
    end(one, succeeded())
  } else if (operation.kind === 'practice-mark') {
    const there = marks.find(({ mark }) => mark === operation.mark)
    if (there !== undefined) {
      end(one, failed(`the mark ${operation.mark} is there already, left by ${there.operation}`, 'ask', []))
      return
    }
    marks.push({ mark: operation.mark, operation: id, leftAt: world.now })
    recordEffect(world, 'practice mark left', `${operation.mark} on ${subject}`)
    end(one, operation.fails ? failed('it was asked to fail half-way', 'ask', []) : succeeded())
  }
}
