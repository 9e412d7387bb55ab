import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs'

/** Linux, open(2): a place in the tree, and no right to read it. Node does not name it; so it is on all machines that it runs on. */
const O_PATH = 0o10_000_000

/** A part of a path could not be opened, and why: `ELOOP` for a link, whose maker would decide what is opened. */
export class NotOpened extends Error {
  readonly code: string

  constructor(path: string, code: string) {
    super(code === 'ELOOP' ? `${path} is a link, and none is followed` : `${path} cannot be opened (${code})`)
    this.code = code
  }
}

/**
 * Opens a file for reading by its absolute path, and follows no link on the way: each folder is opened in the one before it, so
 * that nobody can put another in its place meanwhile. Throws {@link NotOpened}. `onFolder` is told of each, from the root down, as it was opened.
 */
export function openWithoutLinks(
  path: string,
  onFolder: (stats: Stats, folder: string) => void = () => undefined,
): number {
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  const last = names.pop()
  if (!path.startsWith('/') || last === undefined || names.includes('..') || last === '..') {
    throw new TypeError(`${path} is no absolute path without ..`)
  }
  let folder = openSync('/', O_PATH | constants.O_DIRECTORY)
  let passed = ''
  const next = (name: string, flags: number): number => {
    passed = `${passed}/${name}`
    try {
      return openSync(`/proc/self/fd/${folder}/${name}`, flags | constants.O_NOFOLLOW)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      // Of a link in the place of a folder, open(2) says that it is no folder.
      throw new NotOpened(passed, code === 'ENOTDIR' && isLink(`/proc/self/fd/${folder}/${name}`) ? 'ELOOP' : code)
    }
  }
  try {
    onFolder(fstatSync(folder), '/')
    for (const name of names) {
      const inner = next(name, O_PATH | constants.O_DIRECTORY)
      closeSync(folder)
      folder = inner
      onFolder(fstatSync(folder), passed)
    }
    // A pipe would hold us for ever.
    return next(last, constants.O_RDONLY | constants.O_NONBLOCK)
  } finally {
    closeSync(folder)
  }
}

/** O_PATH opens a link itself. */
function isLink(path: string): boolean {
  let file: number
  try {
    file = openSync(path, O_PATH | constants.O_NOFOLLOW)
  } catch {
    return false
  }
  try {
    return fstatSync(file).isSymbolicLink()
  } finally {
    closeSync(file)
  }
}
