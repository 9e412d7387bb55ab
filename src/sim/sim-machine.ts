import type { Machine } from '../domain/ports/machine.ts'
import { Bytes, Instant } from '../domain/units.ts'
import type { SimHostState, World } from './world.ts'

/** The machine of one simulated host. */
export function simMachine(_world: World, host: SimHostState): Machine {
  return {
    facts: async (signal) => {
      signal?.throwIfAborted()
      const { kernel, bootedAt, clockOffset, memory } = host.machine
      return {
        kernel,
        // The kernel reckons it from the clock.
        bootedAt: Instant.parse(bootedAt + clockOffset),
        memory: { total: Bytes.parse(memory.total), available: Bytes.parse(memory.available) },
      }
    },
  }
}
