import type { Scan } from '../domain/pool-status.ts'
import { Bytes, Duration, Instant, Share, shareOf } from '../domain/units.ts'
import type { SimPool, SimScrub } from './sim-pool.ts'
import type { World } from './world.ts'

/**
 * The last scan: OpenZFS keeps the record of one. A function of the time, of the schedule of scrubs, and of what was done.
 * The text of 2.1 does not tell when a canceled scrub had begun.
 */
export function scansOf(world: World, pool: SimPool, { used, json }: { used: number; json: boolean }): Scan[] {
  const { resilver } = pool
  const scrub = scrubOf(world, pool)
  if (resilver !== null && (isResilvering(world, pool) || scrub === null || resilver.startedAt >= scrub.startedAt)) {
    return resilverOf(world, resilver, used)
  }
  if (scrub === null) return []
  const { startedAt, ...scan } = scanOf(world, scrub, used)
  return [scan.state === 'canceled' && !json ? scan : { ...scan, ...(startedAt === undefined ? {} : { startedAt }) }]
}

export const isResilvering = ({ now }: World, { resilver }: SimPool): boolean =>
  resilver !== null && now < resilver.startedAt + resilver.takes

/** The scrub whose record is kept, running or not: the one that was acted on, or the last one of the schedule. */
export function scrubOf(world: World, { scrub, scrubs }: SimPool): SimScrub | null {
  if (scrub !== null) return scrub
  const latest = Math.min(world.now, scrubs.stoppedAt ?? world.now)
  if (latest < scrubs.first) return null
  const startedAt = scrubs.first + Math.floor((latest - scrubs.first) / scrubs.every) * scrubs.every
  // A pause that was set before this one, or after its end, does not concern it.
  const isPaused = scrubs.pausedAt !== null && scrubs.pausedAt < startedAt + scrubs.takes
  return {
    kind: 'scrub',
    startedAt,
    takes: scrubs.takes,
    worked: isPaused ? (scrubs.pausedAt ?? startedAt) - startedAt : 0,
    runsSince: isPaused ? null : startedAt,
    pausedAt: isPaused ? scrubs.pausedAt : null,
    canceledAt: null,
    errors: scrubs.errors,
    finds: [],
  }
}

/** How long it has worked, pauses not counted. */
export const workedFor = ({ now }: World, { worked, runsSince }: SimScrub): number =>
  worked + (runsSince === null ? 0 : Math.max(0, now - runsSince))

/** In progress, paused, or over. */
export function stateOfScrub(world: World, scrub: SimScrub): Scan['state'] {
  if (scrub.canceledAt !== null) return 'canceled'
  if (workedFor(world, scrub) >= scrub.takes) return 'finished'
  return scrub.pausedAt === null ? 'in-progress' : 'paused'
}

/** What `zpool status -v` lists: what was known, and what a scrub that has ended has found. */
export function damagedFilesOf(world: World, pool: SimPool): string[] {
  const found = pool.scrub !== null && stateOfScrub(world, pool.scrub) === 'finished' ? pool.scrub.finds : []
  return [...new Set([...pool.damagedFiles, ...found])]
}

function scanOf(world: World, scrub: SimScrub, used: number): Scan {
  const { kind, startedAt, takes, runsSince, worked, pausedAt, canceledAt } = scrub
  const state = stateOfScrub(world, scrub)
  const share = shareOf(workedFor(world, scrub), takes)
  const common = { kind, startedAt: instant(startedAt), repaired: Bytes.parse(0) }
  if (state === 'finished') {
    const endedAt = (runsSince ?? startedAt) + takes - worked
    return {
      ...common,
      state,
      endedAt: instant(endedAt),
      share: Share.parse(1),
      ...(kind === 'scrub' ? { extent: 'whole' } : {}),
      errors: kind === 'scrub' ? scrub.errors : null,
    }
  }
  if (state === 'canceled') return { ...common, state, endedAt: instant(canceledAt ?? startedAt), errors: null }
  const done = Bytes.parse(Math.floor(used * share))
  return {
    ...common,
    state,
    ...(pausedAt === null ? {} : { pausedAt: instant(pausedAt) }),
    share,
    scanned: done,
    issued: done,
    total: Bytes.parse(used),
    ...(state === 'in-progress' ? { timeLeft: Duration.parse(takes - workedFor(world, scrub)) } : {}),
    errors: null,
  }
}

function resilverOf({ now }: World, { startedAt, takes }: NonNullable<SimPool['resilver']>, used: number): Scan[] {
  const share = shareOf(now - startedAt, takes)
  const done = Bytes.parse(Math.floor(used * share))
  const common = { kind: 'resilver' as const, startedAt: instant(startedAt), share, repaired: done }
  if (now >= startedAt + takes) {
    return [{ ...common, state: 'finished', endedAt: instant(startedAt + takes), errors: 0 }]
  }
  return [
    {
      ...common,
      state: 'in-progress',
      scanned: done,
      issued: done,
      total: Bytes.parse(used),
      timeLeft: Duration.parse(startedAt + takes - now),
      errors: null,
    },
  ]
}

/** ZFS tells whole seconds. */
const instant = (at: number): Instant => Instant.parse(Math.floor(at / 1000) * 1000)
