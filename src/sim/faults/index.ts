import { OpsError } from '../../domain/errors.ts'
import { seconds } from '../../domain/units.ts'
import { recordEffect } from '../lookup.ts'
import type { Effect, World } from '../world.ts'
import { clusterFaults } from './cluster.ts'
import { daemonFaults } from './daemons.ts'
import { datasetFaults } from './datasets.ts'
import { diskFaults } from './disks.ts'
import type { Fault, NewFault } from './fault.ts'
import { hostFaults } from './hosts.ts'
import { lookingFaults } from './looking.ts'
import { placementFaults } from './placement.ts'
import { pinsetFaults } from './pinsets.ts'
import { poolCareFaults } from './pool-care.ts'
import { poolFaults } from './pools.ts'
import { changesBetween, undo } from '../undo.ts'

const all: readonly NewFault[] = [
  ...poolFaults,
  ...datasetFaults,
  ...diskFaults,
  ...poolCareFaults,
  ...daemonFaults,
  ...pinsetFaults,
  ...clusterFaults,
  ...lookingFaults,
  ...hostFaults,
  ...placementFaults,
]

/** Every fault that the simulator knows. */
export const faults: readonly Fault[] = all.map((fault) => ({ settlesAfter: seconds(0), ...fault }))

/** A fault that does not exist was asked for. The message names those that do. */
export class UnknownFault extends OpsError {
  readonly remedy = 'stop'
}

export function faultNamed(name: string): Fault {
  const fault = faults.find((candidate) => candidate.name === name)
  if (fault === undefined) {
    throw new UnknownFault(`unknown fault ${name}; allowed: ${faults.map((known) => known.name).join(', ')}`)
  }
  return fault
}

/** Applies a fault. One that is applied already is left as it is: no effect, undefined. */
export function applyFault(world: World, name: string): Effect | undefined {
  const fault = faultNamed(name)
  if (world.faults.includes(name)) return undefined
  const before = structuredClone({ ...world, effects: [] })
  fault.apply(world)
  world.undo[name] = structuredClone(changesBetween(before, { ...world, effects: [] }))
  world.faults.push(name)
  return recordEffect(world, 'fault applied', name)
}

/** Mends a fault. One that is not applied stays so: no effect, undefined. */
export function mendFault(world: World, name: string): Effect | undefined {
  const fault = faultNamed(name)
  if (!world.faults.includes(name)) return undefined
  if (fault.mend === undefined) undo(world, world.undo[name] ?? [])
  else fault.mend(world)
  Reflect.deleteProperty(world.undo, name)
  world.faults = world.faults.filter((applied) => applied !== name)
  return recordEffect(world, 'fault mended', name)
}
