import type { DamageMemory } from '../damage-memory.ts'

/** Where what pools have listed as damaged outlives the process that has seen it. */
export interface DamageNotes {
  /** Undefined where there are none. Rejects where there may be some: they cannot be read, or are not understood. */
  read(): Promise<DamageMemory | undefined>
  write(memory: DamageMemory): Promise<void>
}
