import { doesItsWork, type Scan } from '../../pool-status.ts'
import { extentOf, wholeScrub } from '../../scrub-extent.ts'
import { bytesText, durationText } from '../../text-units.ts'
import { age, type Duration, type Instant } from '../../units.ts'
import type { Check } from '../check.ts'
import { declared } from '../evidence.ts'
import type { Finding } from '../finding.ts'
import { held, placeOfPool, type PoolOnHost, poolsIn, statusEvidence } from '../pools-of-host.ts'

export const scrubOverdue: Check = {
  code: 'SCRUB_OVERDUE',
  title: 'A pool was not verified for too long',
  severities: ['warning', 'info'],
  explanation: {
    meaning:
      'No scrub of the pool is known to have finished within the set time (35 days). ZFS keeps the record of one scan only: a resilver takes the place of the last scrub, and then the pool counts as not verified. A scrub of a part (`zpool scrub -C`, `-S`, `-E`) verifies no pool, although `zpool status` prints it as any other; where it cannot be told from a whole one, the pool counts as not verified too. While a scrub or a resilver runs that was begun within the set time, the finding is only an info; one that is paused, canceled or older is a warning.',
    endangers: 'Damage that nobody has read yet stays unnoticed, until the disk with the good copy fails.',
    remedy: '`zpool scrub POOL`, at a quiet time, on pools that are imported writable and not suspended.',
    settings: ['checks.scrubOverdue.after'],
    sources: [
      'zpool-scrub(8)',
      'whether a scrub was whole: `examined` against `to_examine` of `zpool status -j`, else `zpool history -i` (`scan setup func=1 mintxg=0 …`); measured on 2.3.2 and 2.4.4',
      'a pool that was never scrubbed has no scan line at all (measured on 2.1.11 and 2.3.2)',
    ],
  },
  find: (view) => poolsIn(view).flatMap((pool) => judge(pool, view.fleet.checks.scrubOverdue.after)),
}

function judge(pool: PoolOnHost, after: Duration): Finding[] {
  const { name, host, subject, status } = pool
  if (status === undefined) return []
  const within = (then: Instant | undefined) => then !== undefined && age(then, host.now) <= after
  const version = host.observation.zfs?.version.last?.value
  const scrubs = status.scans.filter(({ kind }) => kind === 'scrub')
  if (within(wholeScrub(status, version)?.endedAt)) return []
  const running = scrubs.find(({ state }) => state === 'in-progress')
  // A scrub cannot begin before a resilver has ended: until then, nothing is to be done.
  const resilver = status.scans.find(({ kind, state }) => isResilver(kind) && state === 'in-progress')
  const fresh = within((running ?? resilver)?.startedAt)
  return [
    {
      code: 'SCRUB_OVERDUE',
      severity: fresh ? 'info' : 'warning',
      subject,
      place: placeOfPool(pool),
      summary: `Pool ${name} on ${host.name} ${story(status.scans, host.now, (scan) => extentOf(scan, version))}.`,
      evidence: [
        ...status.scans.flatMap((scan) => statusEvidence(pool, recordOf(scan, host.now))),
        ...(status.scans.length === 0 ? statusEvidence(pool, { 'last scan': null }) : []),
        declared('longest time without a scrub', durationText(after), 'fleet file'),
      ],
      endangers: fresh
        ? ''
        : `Damage to ${held(pool)} may lie there unread, and is found only when the disk with the good copy has failed.`,
      remedy: remedyFor(pool, running ?? resilver),
    },
  ]
}

function story(scans: readonly Scan[], now: Instant, extent: (scan: Scan) => ReturnType<typeof extentOf>): string {
  const ago = (then: Instant | undefined) =>
    then === undefined ? 'at an unknown time' : `${durationText(age(then, now))} ago`
  const scrub = scans.find(({ kind }) => kind === 'scrub')
  if (scrub !== undefined) {
    switch (scrub.state) {
      case 'in-progress':
        return `is being scrubbed (begun ${ago(scrub.startedAt)}); when it was verified before is no longer recorded`
      case 'paused':
        return `was not verified: its scrub is paused (begun ${ago(scrub.startedAt)})`
      case 'canceled':
        return `was not verified: its last scrub was canceled ${ago(scrub.endedAt)}`
      case 'finished':
        switch (extent(scrub)) {
          case 'whole':
            return `was last verified ${ago(scrub.endedAt)}`
          case 'part':
            return `was not verified: its last scrub, ended ${ago(scrub.endedAt)}, was one of a part of it (\`zpool scrub -C\`, \`-S\` or \`-E\`)`
          case 'unknown':
            return `is not known to be verified: whether its last scrub, ended ${ago(scrub.endedAt)}, has read all of it is not told`
        }
    }
  }
  if (scans.some(({ kind, state }) => isResilver(kind) && state === 'in-progress')) {
    return 'is being resilvered; ZFS keeps the record of one scan only, so when it was verified before is not known'
  }
  if (scans.some(({ kind }) => isResilver(kind))) {
    return 'has no record of a scrub: a resilver came after it, and ZFS keeps only one; it counts as not verified'
  }
  return 'has never been verified: it has no record of a scrub'
}

function remedyFor({ name, host, states, listed }: PoolOnHost, running: Scan | undefined): string {
  if (states.some(({ state }) => !doesItsWork(state))) {
    return `Bring the pool back first (see its other findings); do not scrub it before: on some versions the command hangs.`
  }
  if (listed?.readonly === true) {
    return `The pool is imported read-only and cannot be scrubbed (on 2.3 the command hangs): import it writable first.`
  }
  return running === undefined
    ? `Run \`zpool scrub ${name}\` on ${host.name} at a quiet time (after a running resilver has ended); it also resumes a paused scrub.`
    : `Wait for it to end: \`zpool status ${name}\` on ${host.name} shows how far it is.${running.kind === 'scrub' ? '' : ` Then run \`zpool scrub ${name}\`.`}`
}

const isResilver = (kind: Scan['kind']): boolean => kind === 'resilver' || kind === 'rebuild'

function recordOf(
  { kind, state, startedAt, endedAt, pausedAt, share, extent, scanned, total, errors }: Scan,
  now: Instant,
): Record<string, string | number> {
  const ago = (what: string, then: Instant | undefined) =>
    then === undefined ? {} : { [`${kind} ${what}`]: `${durationText(age(then, now))} ago` }
  return {
    [kind]: state,
    ...ago('started', startedAt),
    ...ago('paused', pausedAt),
    ...ago('ended', endedAt),
    ...(extent === undefined ? {} : { [`${kind} of`]: extent === 'whole' ? 'the whole pool' : 'a part of the pool' }),
    ...(state === 'finished' && extent !== 'whole' && scanned !== undefined && total !== undefined
      ? { [`${kind} read`]: `${bytesText(scanned)} of the ${bytesText(total)} that the pool held` }
      : {}),
    ...(share === undefined ? {} : { [`${kind} share done`]: share }),
    ...(errors === null ? {} : { [`${kind} errors`]: errors }),
  }
}
