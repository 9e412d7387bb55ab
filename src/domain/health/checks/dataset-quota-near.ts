import type { Dataset } from '../../dataset.ts'
import { bytesText, percent } from '../../text-units.ts'
import { type Bytes, shareOf } from '../../units.ts'
import type { Check } from '../check.ts'
import { type DatasetsOfStore, datasetsOfStores } from '../datasets-of-store.ts'
import { declared } from '../evidence.ts'
import type { Finding } from '../finding.ts'

const code = 'DATASET_QUOTA_NEAR'

export const datasetQuotaNear: Check = {
  code,
  title: 'A quota of a dataset is nearly reached',
  severities: ['critical', 'warning'],
  explanation: {
    meaning:
      'The dataset of a store, one below it or one above it uses at least 80 % of its `quota` (children and snapshots count) or of its `refquota` (the live data alone counts); critical from 90 %. Dropping snapshots helps against a quota, not against a refquota.',
    endangers:
      'When it is reached, writes fail with "Disk quota exceeded", however much the pool has free: new pins fail.',
    remedy: 'Raise the quota if the pool has room, or move pins to another store.',
    settings: ['checks.quotaFill.warning', 'checks.quotaFill.critical'],
    sources: [
      'zfsprops(7), quota and refquota',
      '`-p` prints 0 for a quota that is not set (recorded on 2.1.11 and 2.3.2)',
    ],
  },
  find: (view) => {
    const limits = view.fleet.checks.quotaFill
    const seen = new Set<string>()
    return datasetsOfStores(view).flatMap((of) =>
      [...of.above, ...of.within].flatMap((dataset): Finding[] => {
        const subject = `${of.store.host.name}/${dataset.name}`
        // Several stores can lie below one dataset; it is told once.
        if (seen.has(subject)) return []
        seen.add(subject)
        return worstOf(dataset).flatMap(({ name, used, limit }) => {
          const share = shareOf(used, limit)
          if (share < limits.warning) return []
          return [
            {
              code,
              severity: share >= limits.critical ? 'critical' : 'warning',
              subject,
              place: of.place,
              summary: `Dataset ${dataset.name} on ${of.store.host.name} uses ${percent(share)} of its ${name} of ${bytesText(limit)}.`,
              evidence: evidenceOf(of, dataset, limits),
              endangers: `At its ${name}, new pins of store ${of.store.name} on ${of.store.host.name} fail, whatever the pool has free.`,
              remedy: `If the pool has room, raise it: \`zfs set ${name}=SIZE ${dataset.name}\`. Otherwise move pins to another store${name === 'quota' ? ', or drop snapshots that nobody needs' : ' and let Kubo collect its garbage; snapshots do not count here'}.`,
            },
          ]
        })
      }),
    )
  },
}

interface Limit {
  name: 'quota' | 'refquota'
  used: Bytes
  limit: Bytes
}

/** The limit that is nearer; none where none is set. */
function worstOf({ quota, refquota, used, referenced }: Dataset): Limit[] {
  const limits: Limit[] = [
    ...(quota === null ? [] : [{ name: 'quota' as const, used, limit: quota }]),
    ...(refquota === null ? [] : [{ name: 'refquota' as const, used: referenced, limit: refquota }]),
  ]
  return limits.toSorted((a, b) => shareOf(b.used, b.limit) - shareOf(a.used, a.limit)).slice(0, 1)
}

function evidenceOf(
  { evidence }: DatasetsOfStore,
  { name, used, referenced, quota, refquota, available }: Dataset,
  { warning, critical }: { warning: number; critical: number },
) {
  return [
    ...evidence({
      [`used of ${name} (bytes)`]: used,
      [`referenced of ${name} (bytes)`]: referenced,
      [`available to ${name} (bytes)`]: available,
      quota,
      refquota,
    }),
    declared('thresholds of quotas', `warning ${percent(warning)}, critical ${percent(critical)}`, 'fleet file'),
  ]
}
