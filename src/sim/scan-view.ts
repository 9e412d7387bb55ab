import type { Scan } from '../domain/pool-status.ts'
import { Bytes, Duration, Instant, shareOf } from '../domain/units.ts'
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
    const { startedAt, takes } = resilver
    return [scanOf(world, { ...untouched, kind: 'resilver', startedAt, takes, runsSince: startedAt }, used)]
  }
  if (scrub === null) return []
  const { startedAt, ...scan } = scanOf(world, scrub, used)
  return [scan.state === 'canceled' && !json ? scan : { ...scan, ...(startedAt === undefined ? {} : { startedAt }) }]
}

/** A scan that runs from its beginning, and finds nothing. */
const untouched = { worked: 0, pausedAt: null, canceledAt: null, errors: 0, listed: [], finds: [] }

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
    ...untouched,
    kind: 'scrub',
    startedAt,
    takes: scrubs.takes,
    worked: isPaused ? (scrubs.pausedAt ?? startedAt) - startedAt : 0,
    runsSince: isPaused ? null : startedAt,
    pausedAt: isPaused ? scrubs.pausedAt : null,
    errors: scrubs.errors,
  }
}

/** How long it has worked, pauses not counted. */
export const workedFor = ({ now }: World, { worked, runsSince }: Pick<SimScrub, 'worked' | 'runsSince'>): number =>
  worked + (runsSince === null ? 0 : Math.max(0, now - runsSince))

/** In progress, paused, or over. */
export function stateOfScrub(world: World, scrub: Omit<SimScrub, 'kind'>): Scan['state'] {
  if (scrub.canceledAt !== null) return 'canceled'
  if (workedFor(world, scrub) >= scrub.takes) return 'finished'
  return scrub.pausedAt === null ? 'in-progress' : 'paused'
}

/** What `zpool status -v` lists: what the last scrub has found; while it is at work, what was listed before. */
export function damagedFilesOf(world: World, { scrub, damagedFiles, hiddenDamage }: SimPool): string[] {
  const state = scrub === null ? undefined : stateOfScrub(world, scrub)
  const listed = (state === 'finished' ? scrub?.finds : state === 'canceled' ? [] : scrub?.listed) ?? []
  return [...new Set([...damagedFiles, ...listed.filter((file) => hiddenDamage.includes(file))])]
}

type SimScan = Omit<SimScrub, 'kind'> & { kind: Scan['kind'] }

function scanOf(world: World, scan: SimScan, used: number): Scan {
  const { kind, startedAt, takes, runsSince, worked, pausedAt, canceledAt } = scan
  const state = stateOfScrub(world, scan)
  const share = shareOf(Math.min(workedFor(world, scan), takes), takes)
  const done = Bytes.parse(Math.floor(used * share))
  const common = { kind, startedAt: instant(startedAt), repaired: kind === 'resilver' ? done : Bytes.parse(0) }
  if (state === 'finished') {
    return {
      ...common,
      state,
      endedAt: instant((runsSince ?? startedAt) + takes - worked),
      share,
      ...(kind === 'scrub' ? { extent: 'whole' } : {}),
      errors: kind === 'error-scrub' ? null : scan.errors,
    }
  }
  if (state === 'canceled') return { ...common, state, endedAt: instant(canceledAt ?? startedAt), errors: null }
  return {
    ...common,
    state,
    ...(pausedAt === null ? {} : { pausedAt: instant(pausedAt) }),
    share,
    scanned: done,
    issued: done,
    total: Bytes.parse(used),
    ...(state === 'in-progress' ? { timeLeft: Duration.parse(takes - workedFor(world, scan)) } : {}),
    errors: null,
  }
}

/** ZFS tells whole seconds. */
const instant = (at: number): Instant => Instant.parse(Math.floor(at / 1000) * 1000)
