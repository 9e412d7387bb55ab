import { type Trend, trendOf } from '../../error-history.ts'
import { durationText } from '../../text-units.ts'
import { age, hours } from '../../units.ts'
import type { Check } from '../check.ts'
import { type DiskOfPool, disksIn, severityOfLoss } from '../disks-of-pool.ts'
import { evidenceFrom } from '../evidence.ts'
import type { Evidence, Finding } from '../finding.ts'
import { held } from '../pools-of-host.ts'

export const diskErrors: Check = {
  code: 'DISK_ERRORS',
  title: 'A disk that still works has made errors',
  severities: ['critical', 'warning', 'info'],
  explanation: {
    meaning:
      'A disk that is ONLINE or DEGRADED has read, write or checksum errors since the last `zpool clear`, or is DEGRADED because of many. Where the counts have grown in two hours or more of the last day, the disk is going: critical when its part of the pool can lose no further disk. Where none has come in a day of watching, they are isolated and corrected: info. Else, and until a day has been watched: warning. Counts on a mirror or raidz itself, which no single disk is to blame for, are told by POOL_DATA_ERRORS.',
    endangers:
      'ZFS has repaired what it could from the other disks. A disk that errs often fails soon, or its cable does.',
    remedy:
      'Compare with SMART: a cable or controller shows errors on several disks. Clear only after the counts are noted.',
    sources: [
      'zpool-status(8)',
      'zpool-clear(8): resets the counts and repairs nothing',
      'the agent’s own looks, one an hour for a day',
    ],
  },
  find: (view) =>
    disksIn(view).flatMap((disk) => {
      const { leaf, class: name } = disk
      // Spares have no counts of their own.
      if (name === 'spare' || (leaf.state !== 'ONLINE' && leaf.state !== 'DEGRADED')) return []
      const counts = [
        [leaf.readErrors, 'read'],
        [leaf.writeErrors, 'write'],
        [leaf.checksumErrors, 'checksum'],
      ] as const
      const told = counts.flatMap(([count, word]) => (count === null || count === 0 ? [] : [`${count} ${word}`]))
      if (told.length === 0 && leaf.state === 'ONLINE') return []
      const what = told.length === 0 ? 'too many errors' : `errors (${told.join(', ')})`
      return [{ ...finding(disk, what), count: counts.reduce((sum, [count]) => sum + (count ?? 0), 0) }]
    }),
}

function finding(disk: DiskOfPool, what: string): Finding {
  const { leaf, pool, called, place, subject, evidence } = disk
  const history = pool.host.observation.zfs?.errorHistory
  const trend =
    history?.last === null || history === undefined
      ? undefined
      : trendOf(history.last.value, `${pool.name}/${leaf.name}`, pool.host.now)
  const course = courseOf(trend, leaf.state === 'DEGRADED')
  const isolated = course === 'isolated'
  const watched: Evidence[] =
    history === undefined || trend === undefined
      ? []
      : evidenceFrom(history, pool.host.now, {
          'watched for': durationText(trend.watched),
          'new errors in the last day': trend.grown,
          ...(trend.lastGrowth === undefined
            ? {}
            : { 'last new ones': `${durationText(age(trend.lastGrowth, pool.host.now))} ago` }),
        })
  const common = { code: 'DISK_ERRORS', subject, place, evidence: [...evidence(), ...watched] }
  const clear = `\`zpool clear ${pool.name} ${leaf.name}\``
  if (course === 'growing') {
    return {
      ...common,
      severity: severityOfLoss(disk),
      summary: `Disk ${called} of pool ${pool.name} on ${pool.host.name} still works, but makes more and more ${what}.`,
      endangers: `The next failure beside it can lose data: on this pool lie ${held(pool)}.`,
      remedy: `Replace it soon: look at \`smartctl -a\` and the cable of ${leaf.name}, put in a blank disk that is no smaller, and run \`zpool replace ${pool.name} ${leaf.name} NEW\` on ${pool.host.name} while the old one still answers.`,
    }
  }
  return {
    ...common,
    severity: isolated ? 'info' : 'warning',
    summary: `Disk ${called} of pool ${pool.name} on ${pool.host.name} still works, but has made ${what}${isolated ? '; none has come for a day' : ''}.`,
    endangers: isolated
      ? ''
      : `A disk that errs often fails soon; each further failure brings ${pool.name} nearer to losing ${held(pool)}.`,
    remedy: isolated
      ? `Note the counts, run \`zpool scrub ${pool.name}\` on ${pool.host.name}, and if no new ones come, ${clear}.`
      : `Note the counts, look at \`smartctl -a\` and the cable of ${leaf.name}, then run \`zpool scrub ${pool.name}\` on ${pool.host.name}. If new errors come, replace the disk; if none do, ${clear}.`,
  }
}

/** A disk that ZFS has marked for its errors is not called harmless. */
function courseOf(trend: Trend | undefined, degraded: boolean): 'growing' | 'isolated' | 'open' {
  if (trend === undefined) return 'open'
  if (trend.steps >= 2) return 'growing'
  return trend.steps === 0 && trend.watched >= hours(24) && !degraded ? 'isolated' : 'open'
}
