import { type FSWatcher, mkdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import type { Effect } from './crash-evidence.ts'

/** Tells of every mark that comes or goes in the folder of an agent, by inotify: the agent itself is not asked. */
export function watchMarks(folder: string, host: string, had: (effect: Effect) => void): FSWatcher {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return watch(folder, (event, name) => {
    // A name comes and goes by a rename or a removal; no mark has a dot in its name.
    if (event !== 'rename' || name === null || name.includes('.')) return
    const by = read(join(folder, name))
    had({ what: by === undefined ? 'mark taken' : 'mark left', on: `${host}/${name}`, by })
  })
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
