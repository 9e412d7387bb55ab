import { LabError } from '../errors.ts'
import type { Lab } from '../open-lab.ts'
import { labPools, type LabPool } from '../pools.ts'
import { mustInGuest } from '../ssh.ts'
import type { LabGuest } from '../state.ts'

/** What a fault is made to. Each fault says which of these it takes. */
export interface FaultTarget {
  /** Index of a native peer. */
  readonly peer?: number
  readonly guest?: string
  /** Name of a pool in the guest. */
  readonly pool?: string
  /** A part of a whole: 0 to 1. */
  readonly share?: number
}

/** A fault that is made for real, and taken back. Both return when the fault is there, or gone, for the programs concerned. */
export interface Fault {
  /** What makes it, on the command line. */
  readonly name: string
  /** What mends it. */
  readonly mendName: string
  readonly title: string
  readonly takes: readonly (keyof FaultTarget)[]
  break(lab: Lab, target: FaultTarget): Promise<void>
  mend(lab: Lab, target: FaultTarget): Promise<void>
}

/** The guest that a target names. */
export function targetGuest(lab: Lab, target: FaultTarget): LabGuest {
  if (target.guest === undefined) throw new LabError('this fault is made in a guest: name one')
  return lab.guest(target.guest)
}

/** The pool that a target names; the one that the fault is usually made to, when it names none. */
export function targetPool(target: FaultTarget, usual: LabPool['name']): LabPool {
  const name = target.pool ?? usual
  const pool = labPools.find((each) => each.name === name)
  if (pool === undefined)
    throw new LabError(`no pool ${name}; there are ${labPools.map((each) => each.name).join(', ')}`)
  return pool
}

/** Runs a script in the guest that a target names. */
export function inTarget(lab: Lab, target: FaultTarget, script: string, timeoutMs = 120_000): Promise<string> {
  return mustInGuest(lab.state, targetGuest(lab, target), script, { timeoutMs })
}
