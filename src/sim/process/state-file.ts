import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { OpsError } from '../../domain/errors.ts'
import { World } from '../world.ts'

/** What outlives the process: the world with its effects, and where its faces were listening. */
export const SimulatorState = z.object({
  world: World,
  /** By face (`n1/hot/peer`): a restarted simulator is found where it was. */
  ports: z.record(z.string(), z.int()),
})
export type SimulatorState = z.infer<typeof SimulatorState>

/** The state file is there, and is not ours. */
export class StateUnreadable extends OpsError {
  readonly remedy = 'stop'
}

/** Undefined when there is no such file. */
export function readState(path: string): SimulatorState | undefined {
  if (!existsSync(path)) return undefined
  try {
    return SimulatorState.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new StateUnreadable(`${path} is not the state of a simulator; remove it to begin anew`, { cause })
  }
}

/** Either the old state or the new one is there, whole, at any moment, also after a kill or a power cut. */
export function writeState(path: string, state: SimulatorState): void {
  const next = `${path}.next`
  const file = openSync(next, 'w', 0o600)
  try {
    writeFileSync(file, JSON.stringify(state))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(next, path)
  const folder = openSync(dirname(path), 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
