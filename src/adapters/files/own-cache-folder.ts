import { lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * A folder in this user's cache, made where it is missing; undefined where anybody but this user and root could put
 * something there, or replace a part of its path: what root runs under a user's HOME (sudo -E, su -m) must not believe what
 * that user has put there, nor write where a link of that user leads. Never throws.
 */
export function ownCacheFolder(name: string, env: NodeJS.ProcessEnv): string | undefined {
  try {
    const home = env['HOME'] ?? homedir()
    if (!isOurs(home)) return undefined
    const named = env['XDG_CACHE_HOME'] ?? ''
    // XDG Base Directory Specification: a path that is not absolute is to be ignored.
    const cache = named.startsWith('/') ? named : join(home, '.cache')
    const folder = join(cache, 'tiercel', name)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // Looked at when all of it is there: nobody else can change it from here on.
    const isSafe =
      [cache, join(cache, 'tiercel'), folder].every(isOurs) &&
      [...upwards(folder), ...upwards(realpathSync(folder))].every(isNobodyElses)
    return isSafe ? folder : undefined
  } catch {
    return undefined
  }
}

const isOurs = (path: string): boolean => statSync(path).uid === process.getuid?.()

/** A link, or a folder, that nobody but this user and root can replace or write in; in a sticky one each has their own. */
function isNobodyElses(path: string): boolean {
  const { mode, uid } = statSync(path)
  const isClosed = (mode & 0o022) === 0 || (mode & 0o1000) !== 0
  return isClosed && [uid, lstatSync(path).uid].every((owner) => owner === 0 || owner === process.getuid?.())
}

/** A path and all above it. */
function upwards(path: string): string[] {
  const above = dirname(path)
  return above === path ? [path] : [path, ...upwards(above)]
}
