import type { Dataset } from '../../dataset.ts'
import type { Check } from '../check.ts'
import { answeringDaemons, type DatasetsOfStore, datasetsOfStores } from '../datasets-of-store.ts'
import type { Finding } from '../finding.ts'

const code = 'DATASET_NOT_MOUNTED'

export const datasetNotMounted: Check = {
  code,
  title: 'A dataset of a store is not mounted',
  severities: ['critical', 'unknown', 'warning'],
  explanation: {
    meaning:
      'The dataset of a store, or one below it, has a mount point and is not mounted there; or it holds data and has no mount point at all. Critical while a daemon of the store answers: it reads and writes what lies under the mount point instead. Also found: `canmount=noauto`, which is mounted now and will not be after the next start. A dataset with `canmount=off` or without a mount point that only holds other datasets is meant so; one whose key is not loaded is told by KEY_NOT_LOADED. Unknown where a store has so many datasets below its own that not all were looked at.',
    endangers:
      'Kubo and IPFS Cluster find an empty folder and begin anew in it: the pins seem to be gone, and what they write fills the disk of the system.',
    remedy:
      'Stop the daemons of the store, look what lies in the folder under the mount point, then `zfs mount DATASET`. Make the empty folder immutable (`chattr +i`), so that this cannot happen again.',
    sources: ['zfsprops(7), canmount, mountpoint and mounted', 'zfs-mount(8)'],
  },
  find: (view) => datasetsOfStores(view).flatMap((of) => [...notMounted(of), ...notLookedAt(of)]),
}

/** What an empty file system holds is less. */
const emptyBytes = 1024 * 1024

function notMounted(of: DatasetsOfStore): Finding[] {
  const { store, root, within, evidence, place } = of
  const away = within.filter((dataset) => isAway(dataset, within))
  const later = within.filter(({ mounted, canmount }) => mounted === true && canmount === 'noauto')
  const odd = away.length > 0 ? away : later
  const [first] = odd
  if (first === undefined) return []
  const daemons = answeringDaemons(store)
  const isUsed = away.length > 0 && daemons.length > 0
  const names = odd.slice(0, 3).map(({ name }) => name)
  const called = `${names.join(', ')}${odd.length > names.length ? ` and ${odd.length - names.length} more` : ''}`
  const verb = odd.length === 1 ? 'is' : 'are'
  return [
    {
      code,
      severity: isUsed ? 'critical' : 'warning',
      subject: `${store.host.name}/${root}`,
      place,
      count: odd.length,
      summary:
        away.length > 0
          ? `${called} of store ${store.name} on ${store.host.name} ${verb} not mounted${isUsed ? `, and ${daemons.join(' and ')} ${daemons.length === 1 ? 'is' : 'are'} running` : ''}.`
          : `${called} of store ${store.name} on ${store.host.name} ${verb} mounted by hand only (canmount=noauto).`,
      evidence: [
        ...odd.slice(0, 10).flatMap(({ name, mounted, canmount, mountpoint }) =>
          evidence({
            [`${name}: mounted`]: mounted,
            [`${name}: canmount`]: canmount,
            [`${name}: mountpoint`]: mountpoint,
          }),
        ),
        ...(daemons.length === 0 ? [] : evidence({ 'daemons that answer': daemons.join(', ') })),
      ],
      endangers: isUsed
        ? `They read and write the folder under the mount point: pins on ${first.name} seem to be gone, and what is written now fills the disk of the system.`
        : away.length > 0
          ? `A daemon that starts now finds an empty folder, begins anew in it, and fills the disk of the system.`
          : `After the next start of ${store.host.name} a daemon finds an empty folder and begins anew in it.`,
      remedy:
        away.length === 0
          ? `Run \`zfs set canmount=on ${first.name}\` on ${store.host.name}, unless something else mounts it before the daemons start.`
          : `${isUsed ? `Stop the daemons of store ${store.name} first. ` : ''}Look what lies in ${first.mountpoint ?? 'the folder'} on ${store.host.name}, move it aside if it is anything, then run \`zfs mount ${first.name}\`${first.mountpoint === 'legacy' ? ' (legacy: `mount` by /etc/fstab)' : ''}.`,
    },
  ]
}

/** Whether a dataset should be reachable, and is not. */
function isAway(
  { name, type, mounted, mountpoint, canmount, referenced, keyStatus }: Dataset,
  all: readonly Dataset[],
): boolean {
  if (type !== 'filesystem' || mounted !== false || keyStatus === 'unavailable') return false
  if (canmount !== 'off' && mountpoint !== 'none') return true
  const hasChildren = all.some((other) => other.name.startsWith(`${name}/`))
  return !hasChildren && referenced >= emptyBytes
}

function notLookedAt({ isCut, store, root, place, within, evidence }: DatasetsOfStore): Finding[] {
  if (!isCut) return []
  return [
    {
      code,
      severity: 'unknown',
      subject: `${store.host.name}/${root} (rest)`,
      place,
      summary: `Store ${store.name} on ${store.host.name} has very many datasets below ${root}; not all were looked at.`,
      evidence: evidence({ 'datasets looked at': within.length }),
      endangers: 'One of the others may be unmounted, without its key or at its quota, and nobody is told.',
      remedy: `Look at them yourself: \`zfs list -r -o name,mounted,keystatus ${root}\` on ${store.host.name}. Keep datasets that are not of the store elsewhere.`,
    },
  ]
}
