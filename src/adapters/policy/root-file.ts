import { closeSync, fstatSync, readFileSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { explain } from '../../domain/errors.ts'
import { NotOpened, openWithoutLinks } from '../system/open-without-links.ts'

/** A file that root obeys, or why it does not. */
export type RootFile = { is: 'absent' } | { is: 'refused'; why: string } | { is: 'roots'; text: string }

/** Somebody else than root could have written it. */
class NotRootsAlone extends Error {}

/**
 * Reads a file that root can obey: it belongs to root and nobody else can write it, nor put another in its place. What is looked
 * at is what is read: the open file, and each folder above it as it was passed.
 */
export function readRootFile(path: string): RootFile {
  let file: number
  try {
    file = openWithoutLinks(path, (stats, folder) => {
      // In a sticky folder (/tmp) nobody but root can move a folder of root's; a file can be there by a hard link.
      const isSticky = (stats.mode & 0o1000) !== 0 && folder !== dirname(path)
      const why = whoElse(stats, folder, isSticky)
      if (why !== undefined) throw new NotRootsAlone(why)
    })
  } catch (error) {
    if (error instanceof NotOpened && error.code === 'ENOENT') return { is: 'absent' }
    return { is: 'refused', why: explain(error) }
  }
  try {
    const stats = fstatSync(file)
    const why = !stats.isFile() ? `${path} is no file` : whoElse(stats, path)
    return why === undefined ? { is: 'roots', text: readFileSync(file, 'utf8') } : { is: 'refused', why }
  } finally {
    closeSync(file)
  }
}

function whoElse({ uid, mode }: Stats, path: string, isSticky = false): string | undefined {
  if (uid !== 0) return `${path} must belong to root (chown root ${path})`
  if (!isSticky && (mode & 0o022) !== 0) return `nobody but root may write ${path} (chmod go-w ${path})`
  return undefined
}
