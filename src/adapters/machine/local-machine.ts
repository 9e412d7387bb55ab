import type { Machine } from '../../domain/ports/machine.ts'
import { readMachineFacts } from './facts.ts'

/** The machine that this process runs on. */
export function localMachine(): Machine {
  return {
    facts: async () => readMachineFacts(),
  }
}
