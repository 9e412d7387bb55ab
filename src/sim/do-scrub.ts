import type { CommandRecord, OperationId, OperationState } from '../domain/operation.ts'
import type { ScrubResult } from '../domain/operation-result.ts'
import type { RootOperation } from '../domain/policy.ts'
import { Instant, milliseconds } from '../domain/units.ts'
import { stateOf } from './pool-view.ts'
import { runZpool } from './sim-zpool.ts'
import type { SimHostState, World } from './world.ts'

/** What the executor of a simulated host makes of an operation on a scrub: it looks at the pool, and runs `zpool scrub`. */
export function doScrub(
  world: World,
  host: SimHostState,
  operation: RootOperation,
  by: OperationId,
): OperationState | 'hangs' {
  const commands: CommandRecord[] = []
  const failed = (remedy: 'retry' | 'ask' | 'stop', error: string): OperationState => ({
    state: 'failed',
    error,
    remedy,
    commands,
  })
  const succeeded = (outcome: ScrubResult['outcome']): OperationState => ({
    state: 'succeeded',
    result: { outcome },
    commands,
  })
  const run = (args: readonly string[]) => {
    const outcome = runZpool(world, host, args, { by })
    if (outcome !== 'hangs') commands.push(recordOf(world, host, args, outcome))
    return outcome
  }
  if (!host.executor) return failed('retry', `nobody with root's rights answers on ${host.name}`)
  const { kind, pool, guid } = operation
  const there = host.pools.find(({ name, imported }) => name === pool && imported)
  if (there === undefined) return failed('ask', `no pool ${pool} is imported here; nothing was run`)
  if (host.changing.guards) {
    const state = stateOf(there)
    if (state !== 'ONLINE' && state !== 'DEGRADED') {
      return failed('ask', `${pool} is ${state}: a scrub could hang; nothing was run`)
    }
    const seen = run(['get', '-H', '-p', '-o', 'property,value', 'guid,health,readonly', pool])
    if (seen === 'hangs') return failed('retry', `${pool} could not be looked at, so nothing was run`)
    if (there.readonly) return failed('ask', `${pool} is imported read-only: a scrub would hang; nothing was run`)
  }
  if (there.guid !== guid) {
    return failed('ask', `the pool ${pool} has the guid ${there.guid}, and ${guid} is meant: it was made anew`)
  }
  const outcome = run(['scrub', ...flagsOf(operation), pool])
  if (outcome === 'hangs') return 'hangs'
  if (outcome.exitCode === 0 && kind === 'scrub-pause') {
    // Silent also where there was nothing to pause, from 2.2 on: over a paused scrub it complains when it is asked again.
    const again = run(['scrub', '-p', pool])
    return again === 'hangs' ? 'hangs' : succeeded(again.exitCode === 0 ? 'was-none' : 'paused')
  }
  if (outcome.exitCode === 0) return succeeded(doneBy[kind])
  const { stderr } = outcome
  if (stderr.includes('currently scrubbing') && kind === 'scrub-start' && !operation.errorsOnly) {
    return succeeded('was-running')
  }
  if (stderr.includes('scrub is paused') && kind === 'scrub-pause') return succeeded('was-paused')
  if (stderr.includes('there is no active scrub')) return succeeded('was-none')
  const remedy = stderr.includes('currently resilvering') ? 'retry' : stderr.includes('invalid option') ? 'stop' : 'ask'
  return failed(remedy, `zpool exited with ${outcome.exitCode}: ${stderr.trim()}`)
}

const doneBy: Record<RootOperation['kind'], ScrubResult['outcome']> = {
  'scrub-start': 'started',
  'scrub-pause': 'paused',
  'scrub-stop': 'stopped',
}

function flagsOf(operation: RootOperation): string[] {
  if (operation.kind === 'scrub-start') return operation.errorsOnly ? ['-e'] : []
  return [operation.kind === 'scrub-pause' ? '-p' : '-s']
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
