import { DamageMemory } from '../../domain/damage-memory.ts'
import type { DamageNotes } from '../../domain/ports/damage-notes.ts'
import { readNote, writeNote } from './note-file.ts'

const noteFile = 'damage.json'

/** The notes in a folder of our own, on the root disk and not on a managed pool. */
export const damageNotes = (folder: string): DamageNotes => ({
  read: () => readNote(folder, noteFile, DamageMemory),
  write: (memory) => writeNote(folder, noteFile, memory),
})
