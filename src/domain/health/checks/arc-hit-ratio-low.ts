import { arcActivity } from '../../arc.ts'
import { bytesText, percent } from '../../text-units.ts'
import type { Check } from '../check.ts'
import type { Finding } from '../finding.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import { answered } from '../view.ts'

/** Below this many accesses a second the share says nothing: a few misses on an idle host would read as trouble. */
const judgedAbove = 100

export const arcHitRatioLow: Check = {
  code: 'ARC_HIT_RATIO_LOW',
  title: 'The read cache of ZFS misses often',
  severities: ['critical', 'warning', 'info', 'ok'],
  explanation: {
    meaning:
      'The share of reads that the ARC answered between two samples at least a second apart, of all three counters (hits, hits on a read under way, misses). Warning below 85 %, critical below 70 %, settable. Judged only above 100 accesses a second; fewer are said to be too few, and count as ok. Counters that went back are an info: the module was loaded anew.',
    endangers: 'No data: requests are served from disks, and slowly.',
    remedy:
      'Compare the size of the ARC with its limit and with the memory of the host, and look for a scan or a backup that reads everything once.',
    settings: ['checks.arcHitRatio.warning', 'checks.arcHitRatio.critical'],
    sources: [
      '/proc/spl/kstat/zfs/arcstats',
      'iohits are counted apart since 2.2, and are missing in 2.1 (measured on 2.1.11 and 2.3.2)',
    ],
  },
  find: (view) =>
    answered(view).flatMap(({ name, observation, now }): Finding[] => {
      const reading = observation.zfs?.arc
      if (reading === undefined || reading.last === null) return []
      const { before, after, apart } = reading.last.value
      const { warning, critical } = view.fleet.checks.arcHitRatio
      const activity = arcActivity(before, after, apart)
      const common = { code: 'ARC_HIT_RATIO_LOW', subject: name, place: { kind: 'host' as const, host: name } }
      if (activity === undefined) {
        return [
          {
            ...common,
            severity: 'info',
            summary: `The read cache of ${name} cannot be judged: its counters went back, as after a reload of ZFS.`,
            evidence: evidenceFrom(reading, now, { 'accesses before': total(before), 'accesses after': total(after) }),
            endangers: '',
            remedy: 'Nothing to do: the next two samples decide.',
          },
        ]
      }
      const { perSecond, hitShare } = activity
      const evidence = [
        ...evidenceFrom(reading, now, {
          'accesses per second': Math.round(perSecond),
          'ARC hit ratio': percent(hitShare),
          'ARC size': bytesText(after.size),
          'ARC limit': bytesText(after.maximum),
        }),
        declared('thresholds', `warning ${percent(warning)}, critical ${percent(critical)}`, 'fleet file'),
      ]
      if (perSecond <= judgedAbove) {
        return [
          {
            ...common,
            severity: 'ok',
            summary: `The read cache of ${name} has too few accesses to be judged (${Math.round(perSecond)} a second).`,
            evidence,
            endangers: '',
            remedy: 'Nothing to do.',
          },
        ]
      }
      if (hitShare >= warning) return []
      return [
        {
          ...common,
          severity: hitShare < critical ? 'critical' : 'warning',
          summary: `The read cache of ${name} answers only ${percent(hitShare)} of reads; the rest go to the disks.`,
          evidence,
          endangers: `No data: but pins on ${name} are served slowly.`,
          remedy: `Compare the ARC size with its limit (zfs_arc_max) and the free memory of ${name}; look for something that reads everything once, such as a backup or a walk over all pins.`,
        },
      ]
    }),
}

const total = ({ hits, iohits, misses }: { hits: number; iohits: number; misses: number }): number =>
  hits + iohits + misses
