import { UnexpectedOutput } from '../../domain/errors.ts'
import { isReadInPart, partOf, ReadInPart } from '../../domain/read-in-part.ts'
import type { PoolStatus } from '../../domain/pool-status.ts'
import type { ZfsVersion } from '../../domain/zfs-version.ts'
import type { Exec } from '../system/exec.ts'
import { poolStatusArgs } from './pool-status-args.ts'
import { poolsFromJson } from './pool-status-json.ts'
import { poolsFromText } from './pool-status-text.ts'
import { whyUnread } from './words.ts'
import { running } from './zfs-failures.ts'

/**
 * Asks with `asked` and reads the answer. One that ends early is asked for again without the names of damaged files, and as
 * text if that ends early too: those who list damage then say that its names cannot be read (`isUnlisted`).
 */
export async function readPoolStatus(
  asked: () => Promise<string>,
  { exec, features }: { exec: Exec; features: Pick<ZfsVersion['features'], 'json'> },
  signal?: AbortSignal,
): Promise<PoolStatus[]> {
  const again = (json: boolean) => running(exec, 'zpool', poolStatusArgs({ json, errors: false }), signal)
  try {
    return parsePoolStatus(await asked(), features)
  } catch (error) {
    if (!(error instanceof EndedEarly)) throw error
  }
  const { read, conclude } = await partOf(
    (async () => {
      try {
        return parsePoolStatusJson(await again(true))
      } catch (error) {
        if (!(error instanceof EndedEarly)) throw error
        return parsePoolStatusText(await again(false))
      }
    })(),
  )
  return conclude(read.map((status) => withoutNames(status)))
}

/** Of a pool without damage there was nothing to list. */
const withoutNames = (status: PoolStatus): PoolStatus =>
  status.dataErrors.count === 0 ? status : { ...status, dataErrors: { ...status.dataErrors, isUnlisted: true } }

/** Reads what {@link poolStatusArgs} made `zpool` say, on this machine or through the executor. */
export function parsePoolStatus(stdout: string, features: Pick<ZfsVersion['features'], 'json'>): PoolStatus[] {
  return features.json ? parsePoolStatusJson(stdout) : parsePoolStatusText(stdout).map((status) => wholeOnly(status))
}

/** What has no JSON has no scrubs of a part: a finished one was whole. */
const wholeOnly = (status: PoolStatus): PoolStatus => ({
  ...status,
  scans: status.scans.map((scan) =>
    scan.kind === 'scrub' && scan.state === 'finished' ? { ...scan, extent: 'whole' } : scan,
  ),
})

/**
 * Reads the text of `zpool status -v -P -p`, OpenZFS 2.1 to 2.4. No pools give an empty list. Throws `UnexpectedOutput`
 * with the whole text for every shape that we do not know, also for `zpool status -x` and for listings of `zpool import`.
 *
 * Approximate here, exact in JSON: sizes of scans; counters without `-p`. Absent here: guids of vdevs that are there.
 * `dataErrors.count` is null without a readable `errors:` line, and the number of lines where files are listed.
 */
export function parsePoolStatusText(text: string): PoolStatus[] {
  return reading(text, poolsFromText)
}

/**
 * Reads the JSON of `zpool status -j -p -v -P`, OpenZFS 2.3 on, into the same words as the text: CANT_OPEN is FAULTED
 * with aux CORRUPT_DATA or BAD_LOG, SPLIT with SPLIT_POOL, else UNAVAIL. Throws `UnexpectedOutput` as its sister does.
 */
export function parsePoolStatusJson(text: string): PoolStatus[] {
  return reading(text, poolsFromJson)
}

/**
 * What a pool that has stopped counts is no damage: it is whatever reads have failed since (2.3.2: 39, 2.4.4: 26; 0 after
 * `zpool clear`), and 0 is not known there either.
 */
function withoutCountOfStopped(status: PoolStatus): PoolStatus {
  const { state, dataErrors } = status
  return state === 'SUSPENDED'
    ? { ...status, dataErrors: { ...dataErrors, count: dataErrors.paths.length || null } }
    : status
}

/**
 * Whatever goes wrong while reading is an unknown shape, and the text that had it is kept; so are the pools that were read
 * beside one that was not.
 */
function reading(text: string, read: (text: string) => PoolStatus[]): PoolStatus[] {
  try {
    return read(text).map((status) => withoutCountOfStopped(status))
  } catch (error) {
    const message = `cannot read the answer of zpool status: ${whyUnread(error)}`
    if (isReadInPart<PoolStatus[]>(error)) {
      throw new ReadInPart(
        message,
        text,
        error.read.map((status) => withoutCountOfStopped(status)),
      )
    }
    throw endsEarly(text) ? new EndedEarly(message, text) : new UnexpectedOutput(message, text)
  }
}

/**
 * A JSON document that ends in its middle, with exit 0: `nvlist_print_json` of libnvpair stops at the first text that the
 * locale cannot read, as a Latin-1 file name in the list of damaged files (2.3.2; openzfs/zfs issue 18851).
 */
class EndedEarly extends UnexpectedOutput {}

/** Whether a text begins an object and does not end it. */
function endsEarly(text: string): boolean {
  if (!text.startsWith('{')) return false
  let depth = 0
  let isInText = false
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]
    if (sign === '"') isInText = !isInText
    else if (isInText) at += sign === '\\' ? 1 : 0
    else if (sign === '{' || sign === '[') depth += 1
    else if (sign === '}' || sign === ']') depth -= 1
  }
  return isInText || depth > 0
}
