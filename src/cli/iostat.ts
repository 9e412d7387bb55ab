import { Command } from 'commander'
import { didYouMean } from '../domain/nearest.ts'
import { activityIn, type FleetActivity, type PoolActivity } from '../domain/activity.ts'
import { type DeviceActivity, together } from '../domain/disk-io.ts'
import type { FleetView } from '../domain/health/view.ts'
import { bytesText, durationText, percent } from '../domain/text-units.ts'
import { UsageError } from './errors.ts'
import { addLiveOptions, live, type LiveOptions, type Shown } from './live.ts'
import type { Terminal } from './terminal.ts'

interface IostatOptions extends LiveOptions {
  pool?: string[]
  disks?: true
}

export function iostatCommand(terminal: Terminal): Command {
  return addLiveOptions(new Command('iostat'))
    .description('What pools and disks do now: operations, bytes, and how long an operation takes')
    .option('--pool <pool>', 'only this pool: n1/hot-tier, or hot-tier on every host (repeatable)', several)
    .option('--disks', 'each disk too')
    .addHelpText(
      'after',
      `
Rates are those between the newest two samples of each host's agent, which takes one every 5 s (probes.io in agent.yaml);
SEEN is the age of the newer one. A host without an agent is looked at twice, a second apart. Latency is the mean of what
the kernel measured (/proc/diskstats), with the wait in its queue. A pool is the sum of its disks.

Examples:
  tiercel iostat
  tiercel iostat --every 5s --disks --pool n1/hot-tier
  tiercel iostat --every 10s --count 6 --json | jq '.pools[] | [.pool, .busy]'`,
    )
    .action(async (options: IostatOptions) => {
      process.exitCode = await live(options, terminal, (view) => iostat(view, options))
    })
}

const several = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value]

/** One picture: the fleet first, then pools, then the disks of each where they are asked for. */
export function iostat(view: FleetView, options: Pick<IostatOptions, 'pool' | 'disks'>): Shown {
  const { pools, total } = chosen(activityIn(view), options.pool, view)
  const seen = pools.flatMap((pool) => (pool.seen === null ? [] : [pool.seen]))
  const rows = [
    cellsOf('fleet', total, seen.length === 0 ? null : Math.max(...seen)),
    ...pools.flatMap((pool) => [
      cellsOf(
        pool.unseen > 0 && pool.activity !== null ? `${pool.pool} (without ${pool.unseen})` : pool.pool,
        pool.activity,
        pool.seen,
      ),
      ...(options.disks === true
        ? pool.disks.map(({ disk, activity }) => cellsOf(`  ${disk}`, activity, pool.seen))
        : []),
    ]),
  ]
  return {
    header: ['', 'READ/S', 'WRITE/S', 'READ', 'WRITE', 'READ LATENCY', 'WRITE LATENCY', 'BUSY', 'SEEN'],
    rows,
    document: {
      fleet: total,
      pools: pools.map(({ pool, activity, unseen, seen: old, disks }) => ({
        pool,
        ...(activity ?? { activity: null }),
        unseenDisks: unseen,
        ageMs: old,
        ...(options.disks === true
          ? { disks: disks.map((one) => ({ disk: one.disk, ...(one.activity ?? { activity: null }) })) }
          : {}),
      })),
    },
  }
}

/** The pools that were asked for; one that is not there would look like one that does nothing. */
function chosen({ pools, total }: FleetActivity, asked: readonly string[] | undefined, view: FleetView): FleetActivity {
  if (asked === undefined) return { pools, total }
  const known = pools.map(({ pool }) => pool)
  for (const name of asked) {
    const isSilent = view.hosts.some(({ contact }) => contact.state !== 'answered')
    if (isSilent || pools.some((pool) => isNamed(pool, name))) continue
    throw new UsageError(
      `there is no pool ${name}${didYouMean(name, known)} ${known.length === 0 ? 'No pools are known.' : `Known: ${known.slice(0, 20).join(', ')}`}`,
    )
  }
  const some = pools.filter((pool) => asked.some((name) => isNamed(pool, name)))
  return { pools: some, total: together(some.flatMap(({ activity }) => (activity === null ? [] : [activity]))) }
}

const isNamed = ({ pool }: PoolActivity, name: string): boolean => pool === name || pool.endsWith(`/${name}`)

function cellsOf(name: string, activity: DeviceActivity | null, seen: number | null): string[] {
  const old = seen === null ? 'not yet' : `${(seen / 1000).toFixed(0)} s ago`
  if (activity === null) return [name, '?', '?', '?', '?', '?', '?', '?', old]
  return [
    name,
    rate(activity.readsPerSecond),
    rate(activity.writesPerSecond),
    `${bytesText(activity.readBytesPerSecond)}/s`,
    `${bytesText(activity.writtenBytesPerSecond)}/s`,
    latency(activity.readLatency),
    latency(activity.writeLatency),
    percent(activity.busy),
    old,
  ]
}

const rate = (perSecond: number): string => perSecond.toFixed(perSecond < 10 ? 1 : 0)

/** `-` where nothing was done: that is no latency of 0. */
const latency = (duration: DeviceActivity['readLatency']): string =>
  duration === null ? '-' : duration < 10 ? `${duration.toFixed(2)} ms` : durationText(duration)
