import { createHash } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { ownCacheFolder } from './own-cache-folder.ts'

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
/** The same in JSON is seldom longer than in YAML. */
const mostTimesTheText = 4
/** What is kept here, and what was left when somebody was killed while they wrote it. */
const ourNames = /^[0-9a-f]{64}\.json(\.\d+\.new)?$/

/**
 * What is known of a text, in a folder of this user's cache; undefined where the text is short, or that folder could be
 * somebody else's. It goes by the whole text, so that a changed file is another one; and what comes of it goes through its
 * schema like the file itself.
 */
export function knownYaml(text: string, env: NodeJS.ProcessEnv = process.env): KnownYaml | undefined {
  if (text.length < leastCharacters) return undefined
  const folder = ownCacheFolder('yaml', env)
  if (folder === undefined) return undefined
  const path = join(folder, `${createHash('sha256').update(form).update(text).digest('hex')}.json`)
  return {
    recall() {
      try {
        const data = readOurs(path)
        const now = new Date()
        utimesSync(path, now, now)
        return data
      } catch {
        return undefined
      }
    },
    remember(data) {
      const beside = `${path}.${process.pid}.new`
      try {
        const json = JSON.stringify(data)
        // Aliases can unfold to far more than was written.
        if (json.length > mostTimesTheText * text.length) return
        // Not all that YAML can say is JSON: .nan, .inf, -0.
        if (!isDeepStrictEqual(JSON.parse(json), data)) return
        writeFileSync(beside, json, { mode: 0o600, flag: 'wx' })
        renameSync(beside, path)
        forgetOldest(folder)
      } catch {
        // A full disk: the file is parsed again next time.
        rmSync(beside, { force: true })
      }
    },
  }
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
    .filter((name) => ourNames.test(name))
    .map((name) => join(folder, name))
    .map((path) => ({ path, at: lstatSync(path).mtimeMs }))
    .toSorted((a, b) => b.at - a.at)
  for (const { path } of kept.slice(mostKept)) rmSync(path, { force: true })
}
