import { join } from 'node:path'
import { emptyMuteBook, MuteBook, withChanges, withMute } from '../../domain/health/mute.ts'
import type { Mutes } from '../../domain/ports/mutes.ts'
import type { withLock } from './lock.ts'
import { stateFile } from './state-file.ts'

/** Mutes in a file of the operator. */
export function mutesFile(folder: string, options: { lock?: typeof withLock } = {}): Mutes {
  const file = stateFile(join(folder, 'mutes.json'), { schema: MuteBook, empty: emptyMuteBook, ...options })
  return {
    read: async () => file.read(),
    add: async (mute) =>
      file.change((before) => {
        const { book, mute: named } = withMute(before, mute)
        return { after: book, result: named }
      }),
    record: async (changes) =>
      file.change((before) => {
        const after = withChanges(before, changes)
        return { after, result: after }
      }),
  }
}
