import { lstatSync } from 'node:fs'

/** Whether a file can be obeyed by root: it belongs to root, and nobody else can write it. Undefined where there is none. */
export function isRootsAlone(path: string): boolean | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  return found.isFile() && found.uid === 0 && (found.mode & 0o022) === 0
}
