import type { Scan } from '../domain/pool-status.ts'
import { Bytes, Duration, Instant, Share, shareOf } from '../domain/units.ts'
import type { SimPool } from './sim-pool.ts'
import type { World } from './world.ts'

/** The last scan: OpenZFS keeps the record of one. A function of the time, and of the schedule of scrubs. */
export function scansOf(world: World, pool: SimPool, used: number): Scan[] {
  return pool.resilver === null ? scrubsOf(world, pool, used) : resilverOf(world, pool.resilver, used)
}

function scrubsOf(world: World, { scrubs }: SimPool, used: number): Scan[] {
  const latest = Math.min(world.now, scrubs.stoppedAt ?? world.now)
  if (latest < scrubs.first) return []
  const startedAt = scrubs.first + Math.floor((latest - scrubs.first) / scrubs.every) * scrubs.every
  const endedAt = startedAt + scrubs.takes
  const now = Math.min(world.now, scrubs.pausedAt ?? world.now)
  if (now >= endedAt) {
    return [
      {
        kind: 'scrub',
        state: 'finished',
        startedAt: instant(startedAt),
        endedAt: instant(endedAt),
        share: Share.parse(1),
        repaired: Bytes.parse(0),
        errors: scrubs.errors,
      },
    ]
  }
  const share = shareOf(now - startedAt, scrubs.takes)
  return [
    {
      kind: 'scrub',
      state: scrubs.pausedAt === null ? 'in-progress' : 'paused',
      startedAt: instant(startedAt),
      ...(scrubs.pausedAt === null ? {} : { pausedAt: instant(scrubs.pausedAt) }),
      share,
      repaired: Bytes.parse(0),
      scanned: Bytes.parse(Math.floor(used * share)),
      issued: Bytes.parse(Math.floor(used * share)),
      total: Bytes.parse(used),
      ...(scrubs.pausedAt === null ? { timeLeft: Duration.parse(endedAt - now) } : {}),
      errors: null,
    },
  ]
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
