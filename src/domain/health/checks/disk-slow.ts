import { diskUnder } from '../../disk.ts'
import { type DeviceActivity, meanLatency } from '../../disk-io.ts'
import { trendOf } from '../../error-history.ts'
import { leaves, vdevClasses } from '../../pool-status.ts'
import { durationText } from '../../text-units.ts'
import type { Duration } from '../../units.ts'
import type { Check } from '../check.ts'
import { type DiskOfPool, disksIn } from '../disks-of-pool.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Evidence, Finding } from '../finding.ts'
import type { FleetView } from '../view.ts'

export const diskSlow: Check = {
  code: 'DISK_SLOW',
  title: 'A disk is much slower than the others of its vdev',
  severities: ['warning'],
  explanation: {
    meaning:
      'Over the last minutes, operations of a disk took at least 20 ms on average and at least four times as long as the median of the other disks of the same kind in its vdev (both settable). A disk with fewer than 100 operations in that time is not judged, nor judged by: an idle disk has no latency. Or the disk had operations in the last day that ZFS calls slow, of 30 seconds and more; that raidz did without a disk for a while (a sit-out, OpenZFS 2.4) is counted there too, and is none.',
    endangers:
      'No data yet: but a vdev is as slow as its slowest disk, and a disk that needs many tries often fails soon.',
    remedy: 'Look at SMART, cable and controller; an SMR disk among others is slow by its making. Replace it.',
    settings: ['checks.diskSlow.atLeast', 'checks.diskSlow.times'],
    sources: [
      '/proc/diskstats: time over operations, so with the wait in the kernel’s queue',
      'zpool-status(8), -s: operations slower than zio_slow_io_ms',
    ],
  },
  find: (view) => {
    const disks = disksIn(view).filter(({ leaf }) => leaf.state === 'ONLINE' || leaf.state === 'DEGRADED')
    // Each disk is compared with all of its vdev: measured once.
    const measured = new Map(disks.map((disk) => [disk.leaf, latencyOf(disk)]))
    return disks.flatMap((disk) => {
      const outlier = outlierAmong(view, disk, measured)
      const slowIos = slowIosOf(disk)
      return outlier === undefined && slowIos === undefined ? [] : [finding(view, disk, outlier, slowIos)]
    })
  },
}

/** So many operations are needed before their mean says anything. */
const enough = 100

interface Measured {
  latency: Duration
  operations: number
  rotational: boolean | null
}
type Latencies = ReadonlyMap<DiskOfPool['leaf'], Measured | undefined>

function latencyOf({ leaf, pool }: DiskOfPool): Measured | undefined {
  const { disks, io } = pool.host.observation.machine
  const window = io.last?.value.window ?? undefined
  const under = diskUnder(disks.last?.value ?? [], leaf)
  if (window === undefined || under === undefined) return undefined
  const activity = activityOn(window.devices, under.device) ?? activityOn(window.devices, under.disk.name)
  const latency = activity === undefined ? null : meanLatency(activity)
  if (activity === undefined || latency === null) return undefined
  const operations = ((activity.readsPerSecond + activity.writesPerSecond) * window.apart) / 1000
  return operations < enough ? undefined : { latency, operations, rotational: under.disk.rotational }
}

const activityOn = (devices: Readonly<Record<string, DeviceActivity>>, name: string): DeviceActivity | undefined =>
  Object.hasOwn(devices, name) ? devices[name] : undefined

interface Outlier extends Measured {
  others: Duration
}

function outlierAmong(view: FleetView, disk: DiskOfPool, measured: Latencies): Outlier | undefined {
  const { atLeast, times } = view.fleet.checks.diskSlow
  const own = measured.get(disk.leaf)
  if (own === undefined || own.latency < atLeast) return undefined
  const others = siblingsOf(disk)
    .map((leaf) => measured.get(leaf))
    .filter((one) => one !== undefined && one.rotational === own.rotational)
    .map((one) => one?.latency ?? own.latency)
    .toSorted((a, b) => a - b)
  // The lower one of two in the middle: with one fast and one slow other disk, the fast one tells what is possible.
  const median = others[Math.floor((others.length - 1) / 2)]
  return median === undefined || own.latency < times * median ? undefined : { ...own, others: median }
}

/** The other leaves of the same top-level vdev; logs, caches and single disks have none. */
function siblingsOf({ leaf, pool }: DiskOfPool): DiskOfPool['leaf'][] {
  const tops = pool.status === undefined ? [] : vdevClasses.flatMap((name) => pool.status?.vdevs[name] ?? [])
  const all = tops.map((top) => leaves([top])).find((some) => some.includes(leaf)) ?? []
  return all.filter((one) => one !== leaf)
}

/** How many slow operations have come in the last day; undefined for none. */
function slowIosOf({ leaf, pool }: DiskOfPool): number | undefined {
  const history = pool.host.observation.zfs?.errorHistory.last?.value
  if ((leaf.slowIos ?? 0) === 0 || history === undefined) return undefined
  const { grown } = trendOf(history, `${pool.name}/${leaf.name}`, pool.host.now, 'slowIos')
  return grown === 0 ? undefined : grown
}

function finding(
  view: FleetView,
  disk: DiskOfPool,
  outlier: Outlier | undefined,
  slowIos: number | undefined,
): Finding {
  const { leaf, pool, called, place, subject } = disk
  const { io } = pool.host.observation.machine
  const { atLeast, times } = view.fleet.checks.diskSlow
  const why = [
    ...(outlier === undefined
      ? []
      : [
          `${durationText(outlier.latency)} for one operation, where the others of its vdev take ${durationText(outlier.others)}`,
        ]),
    ...(slowIos === undefined ? [] : [`${slowIos} operations of 30 seconds and more in the last day`]),
  ]
  const evidence: Evidence[] = [
    ...(outlier === undefined
      ? []
      : evidenceFrom(io, pool.host.now, {
          'mean latency': durationText(outlier.latency),
          'median of the others': durationText(outlier.others),
          operations: Math.round(outlier.operations),
        })),
    ...(slowIos === undefined ? [] : disk.evidence()),
    declared('thresholds', `${durationText(atLeast)}, and ${times} times the others`, 'fleet file'),
  ]
  return {
    code: 'DISK_SLOW',
    severity: 'warning',
    subject,
    place,
    summary: `Disk ${called} of pool ${pool.name} on ${pool.host.name} is slow: ${why.join('; ')}.`,
    evidence,
    endangers: `No data yet: but all of pool ${pool.name} waits for it, and a disk that needs many tries often fails soon.`,
    remedy: `Look at SMART (\`tiercel disks show ${subject}\`), the cable and the controller of ${leaf.name} on ${pool.host.name}. If it stays slow, put in a blank disk that is no smaller and run \`zpool replace ${pool.name} ${leaf.name} NEW\`.`,
  }
}
