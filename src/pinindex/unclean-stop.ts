import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Boot } from '../domain/machine.ts'
import type { PinsetSummary } from '../domain/pins/pinset-summary.ts'
import { replaceFile } from './swap.ts'

// An unclean stop of a host puts its copies back to `allocated`: flatfs does not sync, so that blocks may be gone though the
// pin is there. `host.json`, beside the folders of the stores, says under which boot the indexes were last kept; `doubtful`,
// in the folder of a store, stands until its lists are read anew.

const HostNote = z.object({ bootId: z.string() })

const notePath = (root: string): string => join(root, 'host.json')
const doubtPath = (folder: string): string => join(folder, 'doubtful')

/**
 * To be called when an agent starts. Where the host has booted since, and the boot under which the indexes were kept is not
 * known to have ended in order, the levels in all indexes under `root` are in doubt from now on.
 */
export function noteStart(root: string, { id, previous }: Boot): { isInDoubt: boolean } {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const before = readNote(root)
  const isInDoubt =
    before !== undefined && before.bootId !== id && !(previous?.id === before.bootId && previous.ended === 'clean')
  if (isInDoubt) {
    for (const entry of readdirSync(root, { withFileTypes: true })) {
      // Each is on the disk before the note that this boot has been seen.
      if (entry.isDirectory()) replaceFile(doubtPath(join(root, entry.name)), '')
    }
  }
  replaceFile(notePath(root), JSON.stringify({ bootId: id }))
  return { isInDoubt }
}

/** A note that cannot be read tells nothing good: it is of no boot that we know. */
function readNote(root: string): z.infer<typeof HostNote> | undefined {
  if (!existsSync(notePath(root))) return undefined
  try {
    return HostNote.parse(JSON.parse(readFileSync(notePath(root), 'utf8')))
  } catch {
    return { bootId: '' }
  }
}

export const isDoubtful = (folder: string): boolean => existsSync(doubtPath(folder))
export const clearDoubt = (folder: string): void => rmSync(doubtPath(folder), { force: true })

export function withoutLevels(summary: PinsetSummary): PinsetSummary {
  return {
    ...summary,
    copies: { allocated: summary.held, pinned: 0, complete: 0, read: 0 },
    unnamed: summary.held,
    walk: { walked: 0, oldest: null },
  }
}
