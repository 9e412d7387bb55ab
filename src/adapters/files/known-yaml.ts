import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

/** What a YAML text was when it was read before. Each command reads the whole fleet file, which seldom changes. */
export interface KnownYaml {
  /** Its data, before any schema; undefined where it is not known. */
  recall(): unknown
  /** Keeps it for the next time, where that can be done; nothing is lost where it cannot. */
  remember(data: unknown): void
}

/** Below this the parser is as quick (a fleet of 20 hosts; 200 hosts with three stores, 139 kB, take it 0.2 s). */
const leastCharacters = 16_384
/** How a text is read, and kept; to be changed with either. */
const form = 'YAML 1.2 core as JSON, 1\n'
/** Fleet files that one user reads by turns. */
const mostKept = 8

/**
 * What is known of a text, in a folder of this user's cache; undefined where the text is short, or the cache is not ours:
 * what root runs under a user's HOME (sudo -E, su -m) must not believe what that user has put there. It goes by the whole text,
 * so that a changed file is another one; and what comes of it goes through its schema like the file itself.
 */
export function knownYaml(text: string, env: NodeJS.ProcessEnv = process.env): KnownYaml | undefined {
  if (text.length < leastCharacters) return undefined
  const folder = cacheFolder(env)
  if (folder === undefined) return undefined
  const name = `${createHash('sha256').update(form).update(text).digest('hex')}.json`
  const path = join(folder, name)
  return {
    recall() {
      try {
        return readOurs(path)
      } catch {
        return undefined
      }
    },
    remember(data) {
      try {
        const json = JSON.stringify(data)
        // Not all that YAML can say is JSON: .nan, .inf, a null that is a key.
        if (!isDeepStrictEqual(JSON.parse(json), data)) return
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        const beside = `${path}.${process.pid}.new`
        writeFileSync(beside, json, { mode: 0o600, flag: 'wx' })
        renameSync(beside, path)
        forgetOldest(folder)
      } catch {
        // A full or foreign disk: the file is parsed again next time.
      }
    },
  }
}

function cacheFolder(env: NodeJS.ProcessEnv): string | undefined {
  const home = env['HOME'] ?? homedir()
  const named = env['XDG_CACHE_HOME'] ?? ''
  // XDG Base Directory Specification: a path that is not absolute is to be ignored.
  const cache = named.startsWith('/') ? named : join(home, '.cache')
  const folder = join(cache, 'tiercel', 'yaml')
  const isOurs =
    isNobodyElses(home) === true &&
    [cache, join(cache, 'tiercel'), folder].every((path) => isNobodyElses(path) !== false)
  return isOurs ? folder : undefined
}

/** Undefined for what is not there. */
function isNobodyElses(path: string): boolean | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found === undefined ? undefined : found.uid === process.getuid?.() && (found.mode & 0o002) === 0
}

function readOurs(path: string): unknown {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const { uid, mode } = fstatSync(file)
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) return undefined
    return JSON.parse(readFileSync(file, 'utf8'))
  } finally {
    closeSync(file)
  }
}

function forgetOldest(folder: string): void {
  const kept = readdirSync(folder)
    .map((name) => join(folder, name))
    .map((path) => ({ path, at: lstatSync(path).mtimeMs }))
    .toSorted((a, b) => b.at - a.at)
  for (const { path } of kept.slice(mostKept)) rmSync(path, { force: true })
}
