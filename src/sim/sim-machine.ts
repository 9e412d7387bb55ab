import type { Machine } from '../domain/ports/machine.ts'
import { Bytes, Instant } from '../domain/units.ts'
import type { SimHostState, World } from './world.ts'

/** The machine of one simulated host. */
export function simMachine(_world: World, host: SimHostState): Machine {
  return {
    facts: async (signal) => {
      signal?.throwIfAborted()
      const { kernel, bootedAt, memory } = host.machine
      return {
        kernel,
        bootedAt: Instant.parse(bootedAt),
        memory: { total: Bytes.parse(memory.total), available: Bytes.parse(memory.available) },
      }
    },
  }
}
