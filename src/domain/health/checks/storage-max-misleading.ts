import { bytesText, percent } from '../../text-units.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Finding } from '../finding.ts'
import { placeOfStore, presentOf, type StoreOnHost, storesOf } from '../stores-of-host.ts'
import { answered, type FleetView } from '../view.ts'

export const storageMaxMisleading: Check = {
  code: 'STORAGE_MAX_MISLEADING',
  title: 'The StorageMax of a Kubo does not fit what its dataset can hold',
  severities: ['warning'],
  explanation: {
    meaning:
      'IPFS Cluster chooses holders by `freespace`, which is Kubo’s `StorageMax − RepoSize` and knows nothing of ZFS. Found when StorageMax is above what the dataset of the store can ever hold (used + available, quotas and reserved space taken off), or is not set; and when it leaves less than a small share of the free space: at RepoSize ≥ StorageMax the peer is offered no pins at all, though the pool has room. The default is 10 GB.',
    endangers:
      'Too high: Cluster sends pins to a store that has no room for them, until the pool is full. Too low: Cluster passes the store over, and the others fill.',
    remedy:
      'Set `Datastore.StorageMax` to what the dataset can hold, less a margin for snapshots: `ipfs config Datastore.StorageMax 900GB`, then restart that Kubo.',
    settings: ['checks.storageMax.above', 'checks.storageMax.below'],
    sources: [
      'freespace = StorageMax − RepoSize; the metric is withheld at 0 (ipfs-cluster 1.1.6, informer/disk)',
      'Kubo does not stop pins at StorageMax (https://github.com/ipfs-cluster/ipfs-cluster/issues/1283)',
      'RepoSize is logical bytes, an estimate; with compression the dataset takes less',
    ],
  },
  find: (view) => answered(view).flatMap((host) => storesOf(host).flatMap((store) => judge(store, view))),
}

function judge(store: StoreOnHost, { fleet }: FleetView): Finding[] {
  const { host, name, observed } = store
  const { above, below } = fleet.checks.storageMax
  const datasets = host.observation.zfs?.datasets
  const dataset = presentOf(datasets, host)?.kept.find((one) => store.datasets.includes(one.name))
  const kubo = presentOf(observed?.kubo, host)
  if (datasets === undefined || dataset === undefined || observed?.kubo === null || observed === undefined) return []
  if (kubo === undefined) return []
  const holds = dataset.used + dataset.available
  const { storageMax, repoSize } = kubo
  // What compression saves the repository does not take: it may be larger than the dataset.
  const reach = holds + Math.max(0, repoSize - dataset.used)
  const offered = Math.max(0, (storageMax ?? Number.POSITIVE_INFINITY) - repoSize)
  const high = offered > dataset.available && (storageMax ?? Number.POSITIVE_INFINITY) > reach * (1 + above)
  const low = !high && offered < dataset.available * below
  if (!high && !low) return []
  const called = `store ${name} on ${host.name}`
  const limit = storageMax === null ? 'no limit' : bytesText(storageMax)
  return [
    {
      code: 'STORAGE_MAX_MISLEADING',
      severity: 'warning',
      subject: `${host.name}/${name}/kubo`,
      place: placeOfStore(store, 'kubo'),
      summary: high
        ? `The Kubo of ${called} has ${storageMax === null ? 'no StorageMax' : `StorageMax ${limit}`}, but its dataset can hold ${bytesText(reach)}: Cluster believes in free space that is not there.`
        : `The Kubo of ${called} offers ${bytesText(offered)} by its StorageMax (${limit}), though its dataset has ${bytesText(dataset.available)} free: Cluster ${offered === 0 ? 'gives it no more pins' : 'soon gives it no more pins'}.`,
      evidence: [
        ...evidenceFrom(observed.kubo, host.now, { StorageMax: limit, RepoSize: bytesText(repoSize) }),
        ...evidenceFrom(datasets, host.now, {
          [`used by ${dataset.name}`]: bytesText(dataset.used),
          [`available to ${dataset.name}`]: bytesText(dataset.available),
        }),
        declared('StorageMax may lie above by', percent(above), 'fleet file'),
        declared('least share of the free space', percent(below), 'fleet file'),
      ],
      endangers: high
        ? `Cluster goes on to place pins on ${called} when there is no room, until the pool is full.`
        : 'New pins go to other stores, which fill sooner; with too few left, pins cannot be placed at all.',
      remedy: `Set the ceiling to what the dataset can hold, less a margin for snapshots: \`ipfs config Datastore.StorageMax ${Math.max(1, Math.floor((reach * 0.9) / 1e9))}GB\` as the user of this Kubo, then restart it. If the space is meant for something else, give the dataset a quota.`,
    },
  ]
}
