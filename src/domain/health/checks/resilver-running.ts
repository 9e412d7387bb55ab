import type { PoolStatus, Scan } from '../../pool-status.ts'
import { bytesText, durationText, percent } from '../../text-units.ts'
import { age, type Duration, type Instant, milliseconds } from '../../units.ts'
import type { Check } from '../check.ts'
import type { Evidence, Finding } from '../finding.ts'
import { held, placeOfPool, type PoolOnHost, poolsIn, statusEvidence } from '../pools-of-host.ts'
import { danger, isBare, leftText, weakest } from '../redundancy.ts'

export const resilverRunning: Check = {
  code: 'RESILVER_RUNNING',
  title: 'A pool is writing the data of a missing disk anew',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      'A resilver, or a sequential rebuild of a mirror or dRAID, is running. Warning while some part of the pool can lose no further disk, info while every part still can. The rate is the mean since it began; the time left is what ZFS says, or follows from that mean. Both jump: a resilver begins anew when another disk comes or goes.',
    endangers: 'Until it has ended, the pool has less redundancy than it was built for.',
    remedy: 'Wait. Take no disk out, and do not restart the host. After a sequential rebuild a scrub begins by itself.',
    sources: [
      'zpool-status(8), zpool-resilver(8)',
      'rate and time left are not printed below 10 MiB/s (zpool_main.c, 2.1 to 2.4)',
    ],
  },
  find: (view) => poolsIn(view).flatMap((pool) => judge(pool)),
}

/** The resilvers and rebuilds that run. */
const runningIn = ({ scans }: PoolStatus): Scan[] =>
  scans.filter(({ kind, state }) => (kind === 'resilver' || kind === 'rebuild') && state === 'in-progress')

function judge(pool: PoolOnHost): Finding[] {
  const { name, host, subject, status } = pool
  const scans = status === undefined ? [] : runningIn(status)
  const [first] = scans
  if (status === undefined || first === undefined) return []
  const weak = weakest(status)
  const cannotLose = weak !== undefined && isBare(weak)
  const slowest = scans.toSorted((a, b) => (a.share ?? 0) - (b.share ?? 0))[0] ?? first
  const left = timeLeft(slowest, host.now)
  return [
    {
      code: 'RESILVER_RUNNING',
      severity: cannotLose ? 'warning' : 'info',
      subject,
      place: placeOfPool(pool),
      summary: `Pool ${name} on ${host.name} is resilvering${slowest.share === undefined ? '' : `: ${percent(slowest.share)} done`}, ${left === undefined ? 'it does not say how long it will take' : `about ${durationText(left)} left`}.`,
      evidence: [
        ...scans.flatMap((scan) => statusEvidence(pool, recordOf(scan, host.now))),
        ...(weak === undefined
          ? []
          : statusEvidence(pool, { [`disks that ${weak.vdev.name} can still lose`]: leftText(weak) })),
      ],
      endangers: cannotLose ? `Until it has ended: ${danger(weak, held(pool))}` : '',
      remedy: `Wait until it has ended (\`zpool status ${name}\` on ${host.name}); take no disk of ${name} out and do not restart ${host.name} before. Then run \`zpool scrub ${name}\`.`,
    },
  ]
}

/** Bytes a second, from its beginning to now; undefined where one of them is not told. */
function rateOf({ startedAt, issued }: Scan, now: Instant): number | undefined {
  const spent = startedAt === undefined ? 0 : age(startedAt, now) / 1000
  return issued === undefined || spent < 1 ? undefined : issued / spent
}

/** As ZFS says it; else by the share that is done so far. */
function timeLeft({ timeLeft: told, share, startedAt }: Scan, now: Instant): Duration | undefined {
  if (told !== undefined) return told
  if (share === undefined || share === 0 || startedAt === undefined) return undefined
  const left = (age(startedAt, now) / share) * (1 - share)
  // Of a share that is nearly nothing there is no time to tell.
  return Number.isFinite(left) ? milliseconds(left) : undefined
}

function recordOf(scan: Scan, now: Instant): Record<string, Evidence['value']> {
  const { kind, vdev, startedAt, share, issued, total } = scan
  const what = vdev === undefined ? kind : `${kind} of ${vdev}`
  const rate = rateOf(scan, now)
  const left = timeLeft(scan, now)
  return {
    [`${what} began`]: startedAt === undefined ? null : `${durationText(age(startedAt, now))} ago`,
    ...(share === undefined ? {} : { [`${what}: share done`]: share }),
    ...(issued === undefined || total === undefined
      ? {}
      : { [`${what}: read`]: `${bytesText(issued)} of ${bytesText(total)}` }),
    ...(rate === undefined ? {} : { [`${what}: mean rate`]: `${bytesText(Math.round(rate))}/s` }),
    [`${what}: time left`]: left === undefined ? null : durationText(left),
  }
}
