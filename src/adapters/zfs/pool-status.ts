import { z } from 'zod'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { PoolStatus } from '../../domain/pool-status.ts'
import type { ZfsVersion } from '../../domain/zfs-version.ts'
import type { Exec } from '../system/exec.ts'
import { poolStatusArgs } from './pool-status-args.ts'
import { poolsFromJson } from './pool-status-json.ts'
import { poolsFromText } from './pool-status-text.ts'
import { running } from './zfs-failures.ts'

/** Runs it and reads the answer. `errors` asks for the names of damaged files too: only root gets them. */
export async function readPoolStatus(
  exec: Exec,
  { features, errors }: { features: ZfsVersion['features']; errors: boolean },
  signal?: AbortSignal,
): Promise<PoolStatus[]> {
  const args = poolStatusArgs({ json: features.json, errors })
  return parsePoolStatus(await running(exec, 'zpool', args, signal), features)
}

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

/** Whatever goes wrong while reading is an unknown shape, and the text that had it is kept. */
function reading(text: string, read: (text: string) => PoolStatus[]): PoolStatus[] {
  try {
    return read(text).map((status) => withoutCountOfStopped(status))
  } catch (error) {
    throw new UnexpectedOutput(`cannot read the answer of zpool status: ${why(error)}`, text)
  }
}

function why(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues
    return issue === undefined ? 'an unknown shape' : `${issue.path.join('.')}: ${issue.message}`
  }
  return error instanceof Error ? error.message : String(error)
}
