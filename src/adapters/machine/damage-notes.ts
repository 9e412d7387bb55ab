import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DamageMemory } from '../../domain/damage-memory.ts'
import type { DamageNotes } from '../../domain/ports/damage-notes.ts'

/** The notes in a folder of our own, on the root disk and not on a managed pool. */
export function damageNotes(folder: string): DamageNotes {
  const path = join(folder, 'damage.json')
  return {
    async read() {
      try {
        return DamageMemory.safeParse(JSON.parse(await readFile(path, 'utf8'))).data
      } catch {
        return undefined
      }
    },
    async write(memory) {
      await mkdir(folder, { recursive: true })
      await writeFile(`${path}.next`, JSON.stringify(memory), { mode: 0o600, flush: true })
      await rename(`${path}.next`, path)
    },
  }
}
