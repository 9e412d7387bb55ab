import { arcActivity } from './arc.ts'
import { diskUnder } from './disk.ts'
import { type DeviceActivity, together } from './disk-io.ts'
import { disksIn } from './health/disks-of-pool.ts'
import { isStale } from './health/staleness.ts'
import { answered, type AnsweredHost, type FleetView } from './health/view.ts'
import type { Reading } from './observation.ts'
import { age, type Bytes, type Duration, type Share } from './units.ts'

/** What one disk does now. */
export interface DiskActivity {
  /** `n1/hot-tier/sda` */
  disk: string
  /** null where the disk cannot be seen: it is gone, or a file, or its host's figures are old. */
  activity: DeviceActivity | null
}

/** What one pool does now: its disks together, without spares and caches. */
export interface PoolActivity {
  /** `n1/hot-tier` */
  pool: string
  /** null where none of its disks can be seen. */
  activity: DeviceActivity | null
  /** Disks that are missing in the sum. */
  unseen: number
  /** How old the newer of the two samples is; null without any. */
  seen: Duration | null
  disks: DiskActivity[]
}

/** What all pools of a fleet do. */
export interface FleetActivity {
  total: DeviceActivity
  pools: PoolActivity[]
}

/** From the newest samples of each host that has answered. What is old does not stand for the present. */
export function activityIn(view: FleetView): FleetActivity {
  const byPool = Map.groupBy(disksIn(view), ({ pool }) => pool.subject)
  const pools = [...byPool].flatMap(([pool, leaves]): PoolActivity[] => {
    const host = leaves[0]?.pool.host
    if (host === undefined) return []
    const disks = leaves
      .filter(({ class: name }) => name !== 'spare' && name !== 'cache')
      .map(({ subject, leaf }) => ({ disk: subject, activity: activityOf(host, leaf) }))
    const seen = disks.flatMap(({ activity }) => (activity === null ? [] : [activity]))
    const { last } = host.observation.machine.io
    return [
      {
        pool,
        activity: seen.length === 0 ? null : together(seen),
        unseen: disks.length - seen.length,
        seen: last === null ? null : age(last.at, host.now),
        disks,
      },
    ]
  })
  return { total: together(pools.flatMap(({ activity }) => (activity === null ? [] : [activity]))), pools }
}

/** What the device under a leaf does; that of its whole disk where the partition has no counters. */
export function activityOf(host: AnsweredHost, leaf: Parameters<typeof diskUnder>[1]): DeviceActivity | null {
  const devices = present(host.observation.machine.io, host)?.recent.devices ?? {}
  const under = diskUnder(host.observation.machine.disks.last?.value ?? [], leaf)
  if (under === undefined) return null
  const found = [under.device, under.disk.name].find((name) => Object.hasOwn(devices, name))
  return (found === undefined ? undefined : devices[found]) ?? null
}

/** The ARC of one host now. */
export interface ArcNow {
  host: string
  size: Bytes | null
  target: Bytes | null
  maximum: Bytes | null
  /** null where nothing was read, or the counters went back. */
  hitShare: Share | null
  perSecond: number | null
  seen: Duration | null
}

/** The ARCs of all hosts with ZFS that have answered. */
export function arcsIn(view: FleetView): ArcNow[] {
  return answered(view).flatMap((host) => {
    const reading = host.observation.zfs?.arc
    if (reading === undefined) return []
    const pair = present(reading, host)
    const activity = pair === undefined ? undefined : arcActivity(pair.before, pair.after, pair.apart)
    return [
      {
        host: host.name,
        size: pair?.after.size ?? null,
        target: pair?.after.target ?? null,
        maximum: pair?.after.maximum ?? null,
        hitShare: activity === undefined || activity.accesses === 0 ? null : activity.hitShare,
        perSecond: activity?.perSecond ?? null,
        seen: reading.last === null ? null : age(reading.last.at, host.now),
      },
    ]
  })
}

function present<T>(reading: Reading<T>, host: AnsweredHost): T | undefined {
  return reading.last === null || reading.trouble !== null || isStale(reading, host.now)
    ? undefined
    : reading.last.value
}
