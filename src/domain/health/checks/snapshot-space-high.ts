import type { Dataset } from '../../dataset.ts'
import { bytesText, percent } from '../../text-units.ts'
import { shareOf } from '../../units.ts'
import type { Check } from '../check.ts'
import { datasetsOfStores } from '../datasets-of-store.ts'
import { declared } from '../evidence.ts'
import type { Finding } from '../finding.ts'

export const snapshotSpaceHigh: Check = {
  code: 'SNAPSHOT_SPACE_HIGH',
  title: 'Snapshots hold much of what a dataset uses',
  severities: ['warning'],
  explanation: {
    meaning:
      'At least 30 % of what the dataset of a store, or one below it, uses is held by its snapshots alone (`usedbysnapshots`): data that was unpinned or changed, and would come free if they all went. Less than 1 % of what the dataset can hold is not told of.',
    endangers: 'Space that everybody believes was freed by unpinning is not; the dataset fills up all the same.',
    remedy:
      'Look which snapshots are old and whose they are, and let the tool that made them drop them. What a range of them frees is more than the sum of what each of them shows.',
    settings: ['checks.snapshotSpace.warning'],
    sources: [
      'zfsprops(7), usedbysnapshots',
      '`usedbysnapshots` is not the sum of the snapshots’ own `used`: blocks that two of them share are in none (zfsprops(7), used)',
    ],
  },
  find: (view) => {
    const { warning } = view.fleet.checks.snapshotSpace
    return datasetsOfStores(view).flatMap(({ store, within, evidence, place }) =>
      within.flatMap((dataset): Finding[] => {
        const { name, used, usedBySnapshots } = dataset
        const share = shareOf(usedBySnapshots, used)
        if (share < warning || !isMuch(dataset)) return []
        return [
          {
            code: 'SNAPSHOT_SPACE_HIGH',
            severity: 'warning',
            subject: `${store.host.name}/${name}`,
            place,
            summary: `Snapshots alone hold ${bytesText(usedBySnapshots)} of dataset ${name} on ${store.host.name}: ${percent(share)} of what it uses.`,
            evidence: [
              ...evidence({
                [`used of ${name} (bytes)`]: used,
                [`usedbysnapshots of ${name} (bytes)`]: usedBySnapshots,
              }),
              declared('warned of from', percent(warning), 'fleet file'),
            ],
            endangers: `Unpinning and garbage collection free nothing on store ${store.name} while they hold it: the store fills up all the same.`,
            remedy: `Run \`zfs list -t snapshot -o name,used,creation -s creation ${name}\` on ${store.host.name}: see how old they are, and let the tool that made them drop what nobody needs.`,
          },
        ]
      }),
    )
  },
}

/** Little data is no matter, whatever its snapshots: those of an empty dataset hold most of it. */
const isMuch = ({ usedBySnapshots, used, available }: Dataset): boolean =>
  shareOf(usedBySnapshots, used + available) >= 0.01
