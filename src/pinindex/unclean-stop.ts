import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { PinsetSummary } from '../domain/pins/pinset-summary.ts'
import { replaceFile } from './swap.ts'

// An unclean stop of a host puts its copies back to `allocated`: flatfs does not sync, so that blocks may be gone though the
// pin is there. `host.json`, beside the folders of the stores, says under which boot we ran, and whether that was ended in
// order; `doubtful`, in the folder of a store, stands until its lists are read anew.

const HostNote = z.object({ bootId: z.string(), endedInOrder: z.boolean() })

const notePath = (root: string): string => join(root, 'host.json')
const doubtPath = (folder: string): string => join(folder, 'doubtful')

/**
 * To be called when an agent starts. Where the host was started anew since, and the boot before did not end in order, the
 * levels in all indexes under `root` are in doubt from now on. `bootId`: `/proc/sys/kernel/random/boot_id`.
 */
export function noteStart(root: string, bootId: string): { wasUnclean: boolean } {
  mkdirSync(root, { recursive: true, mode: 0o700 })
  const before = readNote(root)
  const wasUnclean = before !== undefined && before.bootId !== bootId && !before.endedInOrder
  if (wasUnclean) {
    for (const entry of readdirSync(root, { withFileTypes: true })) {
      if (entry.isDirectory()) replaceFile(doubtPath(join(root, entry.name)), '')
    }
  }
  replaceFile(notePath(root), JSON.stringify({ bootId, endedInOrder: false }))
  return { wasUnclean }
}

/** To be called when an agent is told to end, as it is before its host stops in order. */
export function noteEnd(root: string, bootId: string): void {
  replaceFile(notePath(root), JSON.stringify({ bootId, endedInOrder: true }))
}

/** A note that cannot be read tells nothing good: the stop counts as unclean. */
function readNote(root: string): z.infer<typeof HostNote> | undefined {
  if (!existsSync(notePath(root))) return undefined
  try {
    return HostNote.parse(JSON.parse(readFileSync(notePath(root), 'utf8')))
  } catch {
    return { bootId: '', endedInOrder: false }
  }
}

export const isDoubtful = (folder: string): boolean => existsSync(doubtPath(folder))
export const clearDoubt = (folder: string): void => rmSync(doubtPath(folder), { force: true })

export function withoutLevels(summary: PinsetSummary): PinsetSummary {
  return {
    ...summary,
    copies: { allocated: summary.held, pinned: 0, complete: 0, read: 0 },
    walk: { walked: 0, oldest: null },
  }
}
