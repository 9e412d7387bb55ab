import { z } from 'zod'
import type { PoolStatus, Scan } from './pool-status.ts'
import { Instant } from './units.ts'

/**
 * What pools have listed as damaged, and when they last did. ZFS throws its list away when a scan ends, however that
 * happened (`spa_errlog_rotate` in `dsl_scan_done` and `dsl_errorscrub_done`; measured on 2.4.4): only what a scrub of
 * all has read is known to be whole, and after one that was stopped nobody names the damage any more.
 */
export const DamageMemory = z.object({
  /** By the guid of the pool; by its name where no guid is told. */
  pools: z.record(
    z.string(),
    z.object({
      /** Path to when it was last listed. */
      files: z.record(z.string(), Instant),
      /** Errors that were counted where nobody could name the files. */
      unnamed: z.object({ count: z.number().positive(), at: Instant }).nullable(),
    }),
  ),
})
export type DamageMemory = z.infer<typeof DamageMemory>
type OfPool = DamageMemory['pools'][string]

export const noDamage: DamageMemory = { pools: {} }

/** More files of a pool than anybody reads, and more pools than a host has. */
const maxFiles = 1000
const maxPools = 100

/**
 * What is remembered after a look that began at `lookedAt`, and the statuses with what they do not list any more.
 * Forgotten is what a scrub of the whole pool has read since, and what left the list while no scan had ended: its file is
 * gone, or was written anew.
 */
export function rememberDamage(
  { pools }: DamageMemory,
  statuses: readonly PoolStatus[],
  lookedAt: Instant,
): { memory: DamageMemory; statuses: PoolStatus[] } {
  const next = new Map(Object.entries(pools))
  const told = statuses.map((status): PoolStatus => {
    const key = status.guid ?? status.name
    const before = next.get(key) ?? { files: {}, unnamed: null }
    const { now, unread } = compared(before, status, lookedAt)
    next.delete(key)
    // The newest stand last, so that the oldest go first.
    if (Object.keys(now.files).length > 0 || now.unnamed !== null) next.set(key, now)
    return unread === undefined ? status : { ...status, dataErrors: { ...status.dataErrors, unread } }
  })
  return { memory: { pools: Object.fromEntries([...next].slice(-maxPools)) }, statuses: told }
}

/** What was noted by a process before, and what has been seen since. */
export function joinDamage(before: DamageMemory, since: DamageMemory): DamageMemory {
  const pools = new Map(Object.entries(before.pools))
  for (const [key, { files, unnamed }] of Object.entries(since.pools)) {
    const old = pools.get(key)
    pools.set(key, { files: { ...old?.files, ...files }, unnamed: unnamed ?? old?.unnamed ?? null })
  }
  return { pools: Object.fromEntries(pools) }
}

function compared(
  before: OfPool,
  status: PoolStatus,
  lookedAt: Instant,
): { now: OfPool; unread: PoolStatus['dataErrors']['unread'] } {
  const { count, paths } = status.dataErrors
  if (count === null && paths.length === 0) return { now: before, unread: unreadOf(before, new Set()) }
  // Errors without names: which of the known ones they are is not told.
  if (count !== 0 && count !== null && paths.length === 0) {
    return { now: { files: before.files, unnamed: { count, at: lookedAt } }, unread: undefined }
  }
  const listed = new Set(paths)
  const kept = Object.entries(before.files).filter(([path, at]) => !listed.has(path) && isUnread(status, at))
  const { unnamed } = before
  const files = [...kept, ...paths.map((path) => [path, lookedAt] as const)].slice(-maxFiles)
  const now: OfPool = {
    files: Object.fromEntries(files),
    unnamed: unnamed !== null && count === 0 && isUnread(status, unnamed.at) ? unnamed : null,
  }
  return { now, unread: unreadOf(now, listed) }
}

function unreadOf({ files, unnamed }: OfPool, listed: ReadonlySet<string>): PoolStatus['dataErrors']['unread'] {
  const left = Object.entries(files).filter(([path]) => !listed.has(path))
  const times = [...left.map(([, at]) => at), ...(unnamed === null ? [] : [unnamed.at])]
  if (times.length === 0) return undefined
  return {
    count: left.length > 0 ? left.length : (unnamed?.count ?? 0),
    paths: left.map(([path]) => path),
    listedAt: Instant.parse(Math.max(...times)),
  }
}

/** Whether what was listed then has left the list by the end of a scan, and no whole scrub has read it since. */
function isUnread({ scans, olderScans = [] }: PoolStatus, listedAt: Instant): boolean {
  // ZFS tells whole seconds.
  const isSince = (at: Instant | undefined) => at !== undefined && at + 999 >= listedAt
  const since = [...scans, ...olderScans].filter(({ startedAt, endedAt }) => isSince(endedAt) || isSince(startedAt))
  const newest = Math.max(...since.map((scan) => orderOf(scan)))
  return since.some((scan) => orderOf(scan) === newest && !hasReadAll(scan))
}

/** When it ended. What runs has emptied nothing; but where it has begun since, the record of what had may be gone. */
const orderOf = ({ endedAt, startedAt }: Scan): number => endedAt ?? startedAt ?? 0

const hasReadAll = ({ kind, state, extent }: Scan): boolean =>
  kind === 'scrub' && state === 'finished' && extent === 'whole'
