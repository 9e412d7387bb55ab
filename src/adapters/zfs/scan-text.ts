import type { Scan } from '../../domain/pool-status.ts'
import { Instant, Share } from '../../domain/units.ts'
import { compact } from './words.ts'
import { ctime, exactDuration, humanBytes, humanNumber, percentShare, roughDuration } from './quantities.ts'

/** Longer than any line of a scan that OpenZFS prints; what is longer is not looked at. */
const longestLine = 512

/**
 * One `scan:` or `scrub:` section of `zpool status`, by its lines; null where it says that there never was one
 * (`none requested`, before 2.1), undefined where we do not know the wording.
 *
 * Shapes: `print_scan_scrub_resilver_status`, `print_rebuild_status_impl`, `print_err_scrub_status` of zpool_main.c, 2.1
 * to 2.4; captured from 2.1.11 and 2.3.2; those before 0.8 from published outputs. Sizes are humanised.
 */
export function parseScanText(lines: readonly string[]): Scan | null | undefined {
  const [head = '', ...rest] = lines.map((line) => line.trim()).filter((line) => line !== '')
  if (lines.some((line) => line.length > longestLine)) return undefined
  if (head === 'none requested') return null
  return finished(head, rest) ?? canceled(head) ?? running(head, rest) ?? errorScrubFinished(head) ?? old(head)
}

function finished(head: string, rest: readonly string[]): Scan | undefined {
  const match =
    /^(?:thorough )?(scrub repaired|resilvered)(?: \(([^)]+)\))? (\S+) in (.+) with (\d+) errors on (.+)$/.exec(head)
  if (match === null) return undefined
  const [, verb, vdev, repaired = '', took = '', errors, on = ''] = match
  // Published copies break the line inside the date.
  const endedAt = ctime(on) ?? ctime(`${on} ${rest[0] ?? ''}`)
  const duration = exactDuration(took)
  return compact<Scan>({
    kind: verb === 'resilvered' ? resilverOf(vdev) : 'scrub',
    state: 'finished',
    vdev,
    // A rebuild's duration counts only the time it ran, not from start to end.
    startedAt:
      endedAt === undefined || duration === undefined || vdev !== undefined
        ? undefined
        : Instant.parse(endedAt - duration),
    endedAt,
    share: Share.parse(1),
    repaired: humanBytes(repaired),
    errors: Number(errors),
  })
}

function canceled(head: string): Scan | undefined {
  const match = /^(?:thorough )?(scrub|resilver|error scrub)(?: \(([^)]+)\))? canceled on (.+)$/.exec(head)
  if (match === null) return undefined
  const [, word, vdev, on = ''] = match
  return compact<Scan>({ kind: kindOf(word, vdev), state: 'canceled', vdev, endedAt: ctime(on), errors: null })
}

function running(head: string, rest: readonly string[]): Scan | undefined {
  const match = /^(?:thorough )?(scrub|resilver|error scrub)(?: \(([^)]+)\))? (in progress|paused) since (.+)$/.exec(
    head,
  )
  if (match === null) return undefined
  const [, word, vdev, how, since = ''] = match
  const isPaused = how === 'paused'
  const started = rest.map((line) => /^(?:thorough |error )?scrub started on (.+)$/.exec(line)?.[1]).find(Boolean)
  return compact<Scan>({
    kind: kindOf(word, vdev),
    state: isPaused ? 'paused' : 'in-progress',
    vdev,
    startedAt: isPaused ? ctime(started ?? '') : ctime(since),
    pausedAt: isPaused ? ctime(since) : undefined,
    ...progress(rest),
    errors: null,
  })
}

function errorScrubFinished(head: string): Scan | undefined {
  const match = /^scrubbed \d+ error blocks in (.+) on (.+)$/.exec(head)
  if (match === null) return undefined
  const endedAt = ctime(match[2] ?? '')
  const duration = exactDuration(match[1] ?? '')
  return compact<Scan>({
    kind: 'error-scrub',
    state: 'finished',
    startedAt: endedAt === undefined || duration === undefined ? undefined : Instant.parse(endedAt - duration),
    endedAt,
    share: Share.parse(1),
    errors: null,
  })
}

/** Solaris and the first ports, published outputs only. */
function old(head: string): Scan | undefined {
  const done = /^(scrub|resilver) completed after \S+ with (\d+) errors on (.+)$/.exec(head)
  if (done !== null) {
    const [, kind, errors, on = ''] = done
    return compact<Scan>({
      kind: kind === 'scrub' ? 'scrub' : 'resilver',
      state: 'finished',
      endedAt: ctime(on),
      share: Share.parse(1),
      errors: Number(errors),
    })
  }
  const going = /^(scrub|resilver) in progress(?: for \S+)?, (.+)$/.exec(head)
  if (going === null) return undefined
  const [, kind, parts = ''] = going
  return compact<Scan>({
    kind: kind === 'scrub' ? 'scrub' : 'resilver',
    state: 'in-progress',
    ...progress([parts]),
    errors: null,
  })
}

/**
 * `0B / 121M scanned, 0B / 121M issued` (2.2+), `113M scanned at 77.4M/s, 43.8M issued 29.9M/s, 229M total` (2.1),
 * `1.35G scanned out of 347G at 126M/s, 0h46m to go` (0.7); then `6.30M resilvered, 49.60% done, 00:00:01 to go`.
 */
function progress(lines: readonly string[]): Partial<Scan> {
  const found: Partial<Scan> = {}
  for (const part of lines.flatMap((line) => line.split(', '))) {
    const scanned = /^(\S+)(?: \/ (\S+))? scanned(?: out of (\S+))?/.exec(part)
    if (scanned !== null) {
      found.scanned = humanBytes(scanned[1] ?? '')
      found.total = humanBytes(scanned[2] ?? scanned[3] ?? '')
    }
    const issued = /^(\S+)(?: \/ \S+)? issued/.exec(part)
    if (issued !== null) found.issued = humanBytes(issued[1] ?? '')
    const total = /^(\S+) total$/.exec(part)
    if (total !== null) found.total = humanBytes(total[1] ?? '')
    const repaired = /^(\S+) (?:repaired|resilvered)$/.exec(part)
    if (repaired !== null && humanNumber(repaired[1] ?? '') !== undefined)
      found.repaired = humanBytes(repaired[1] ?? '')
    const done = /^(\S+)% done$/.exec(part)
    if (done !== null) found.share = percentShare(done[1] ?? '')
    const left = /^(.+) to go$/.exec(part)
    if (left !== null) found.timeLeft = roughDuration(left[1] ?? '')
  }
  return found
}

const resilverOf = (vdev: string | undefined) => (vdev === undefined ? 'resilver' : 'rebuild')

function kindOf(word: string | undefined, vdev: string | undefined): Scan['kind'] {
  if (word === 'scrub') return 'scrub'
  return word === 'error scrub' ? 'error-scrub' : resilverOf(vdev)
}
