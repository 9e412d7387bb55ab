import { join } from 'node:path'
import { emptyLookBook, LookBook, withLook } from '../../domain/health/looks.ts'
import type { Looks } from '../../domain/ports/looks.ts'
import { stateFile } from './state-file.ts'

/** The last looks in a file of the operator. */
export function looksFile(folder: string): Looks {
  const file = stateFile(join(folder, 'looks.json'), { schema: LookBook, empty: emptyLookBook })
  return {
    read: async () => file.read(),
    remember: async (health) => file.change((before) => ({ after: withLook(before, health), result: before })),
  }
}
