import { doesItsWork } from '../../pool-status.ts'
import { type Dataset, fill } from '../../dataset.ts'
import { type Fleet, Tier } from '../../fleet.ts'
import { percent } from '../../text-units.ts'
import type { Share } from '../../units.ts'
import type { Check } from '../check.ts'
import { declared, evidenceFrom } from '../evidence.ts'
import type { Evidence, Finding, Severity } from '../finding.ts'
import { held, placeOfPool, type PoolOnHost, poolsIn } from '../pools-of-host.ts'
import { placeOfStore, type StoreOnHost } from '../stores-of-host.ts'

export const poolNearlyFull: Check = {
  code: 'POOL_NEARLY_FULL',
  title: 'A pool, or the dataset of a store, is nearly full',
  severities: ['critical', 'unknown', 'warning'],
  explanation: {
    meaning:
      'The worse of two shares: `CAP` of `zpool list`, and used / (used + available) of the dataset of each store on the pool. Warning from 80 %, critical from 90 %, settable per tier. The dataset is asked because the pool alone misleads: a small pool that was full showed CAP 73 %, and a quota is seen only there. Unknown when `zfs list` does not show the dataset of a store.',
    endangers:
      'New pins fail when nothing is available. Before that ZFS writes slower, and even deleting needs free space.',
    remedy:
      'Move pins to another store or tier, drop snapshots that nobody needs (unpinning frees nothing while a snapshot holds the blocks, nor before a garbage collection), or add disks.',
    settings: ['tiers[].poolFill.warning', 'tiers[].poolFill.critical'],
    sources: [
      'zpoolprops(7), capacity',
      'zfsprops(7), available',
      'slop space: a full pool of 500 MB showed CAP 73 % and 104,960 bytes available (measured on 2.1.11)',
    ],
  },
  find: (view) => poolsIn(view).flatMap((pool) => judge(pool, view.fleet)),
}

/** One way in which a pool can be full. */
interface Level {
  severity: Severity
  share: Share
  what: string
  store: StoreOnHost | undefined
  evidence: Evidence[]
}

function judge(pool: PoolOnHost, fleet: Fleet): Finding[] {
  const { host, subject, name } = pool
  const levels = [...levelsOfPool(pool, fleet), ...pool.stores.flatMap((store) => levelsOfDatasets(pool, store, fleet))]
  const bad = levels
    .filter(({ severity }) => severity !== 'ok')
    .toSorted((a, b) => (a.severity === b.severity ? b.share - a.share : a.severity === 'critical' ? -1 : 1))
  const [worst] = bad
  const unseen = pool.stores.flatMap((store) => datasetsNotSeen(pool, store))
  const common = { code: 'POOL_NEARLY_FULL', subject }
  if (worst !== undefined && (worst.severity === 'critical' || unseen.length === 0)) {
    return [
      {
        ...common,
        severity: worst.severity,
        place: worst.store === undefined ? placeOfPool(pool) : placeOfStore(worst.store, 'pool'),
        summary: `${worst.what} on ${host.name} is ${percent(worst.share)} full.`,
        evidence: levels.flatMap(({ evidence }) => evidence),
        endangers: `When it is full, new pins fail on it; ZFS slows down before that, and even deleting needs some free space. On it are ${held(pool)}.`,
        remedy: `Move pins off ${name}, or drop snapshots that nobody needs (\`zfs list -t snapshot -r ${name}\`), or add disks. Unpinning alone frees nothing until Kubo has collected its garbage and no snapshot holds the blocks.`,
      },
    ]
  }
  if (unseen.length === 0) return []
  return [
    {
      ...common,
      severity: 'unknown',
      place: placeOfPool(pool),
      summary: `It is not known how full pool ${name} on ${host.name} is: ${unseen.map(({ dataset }) => dataset).join(', ')} is not listed.`,
      evidence: [...levels.flatMap(({ evidence }) => evidence), ...unseen.flatMap(({ evidence }) => evidence)],
      endangers: `${name} could fill up unnoticed, and new pins would fail.`,
      remedy: `Run \`zfs list -r ${name}\` on ${host.name}. If the dataset has another name, correct the store in the fleet file or agent.yaml; datasets of a stopped pool are not listed.`,
    },
  ]
}

function levelsOfPool({ listed, name, host, stores }: PoolOnHost, fleet: Fleet): Level[] {
  const reading = host.observation.zfs?.pools
  if (listed === undefined || reading === undefined) return []
  const share = listed.capacity
  const evidence = evidenceFrom(reading, host.now, { [`CAP of ${name}`]: percent(share) })
  // Several tiers can share a pool: the strictest counts. A pool without a store has the thresholds of a new tier.
  const tiers = stores.length === 0 ? [tierNamed(fleet, undefined)] : stores.map(({ tier }) => tierNamed(fleet, tier))
  return tiers.map((tier, index) => ({
    severity: severityOf(share, tier),
    share,
    what: `Pool ${name}`,
    store: stores[index],
    evidence: index === 0 ? [...evidence, ...thresholdsOf(tier)] : thresholdsOf(tier),
  }))
}

function levelsOfDatasets({ name, host }: PoolOnHost, store: StoreOnHost, fleet: Fleet): Level[] {
  const reading = host.observation.zfs?.datasets
  if (reading === undefined) return []
  const tier = tierNamed(fleet, store.tier)
  return datasetsOn(name, store).flatMap((wanted) => {
    const dataset: Dataset | undefined = reading.last?.value.kept.find((one) => one.name === wanted)
    if (dataset === undefined) return []
    const share = fill(dataset)
    return [
      {
        severity: severityOf(share, tier),
        share,
        what: `Dataset ${wanted} of store ${store.name}`,
        store,
        evidence: evidenceFrom(reading, host.now, {
          [`used of ${wanted} (bytes)`]: dataset.used,
          [`available to ${wanted} (bytes)`]: dataset.available,
          [`fill of ${wanted}`]: percent(share),
        }),
      },
    ]
  })
}

/** Datasets that `zfs list` should show and does not, on a pool that is otherwise working. */
function datasetsNotSeen(pool: PoolOnHost, store: StoreOnHost): { dataset: string; evidence: Evidence[] }[] {
  const reading = pool.host.observation.zfs?.datasets
  const working = pool.states.length > 0 && pool.states.every(({ state }) => doesItsWork(state))
  if (reading === undefined || reading.last === null || !working) return []
  const names = new Set(reading.last.value.kept.map((dataset) => dataset.name))
  return datasetsOn(pool.name, store)
    .filter((dataset) => !names.has(dataset))
    .map((dataset) => ({
      dataset,
      evidence: evidenceFrom(reading, pool.host.now, { [`${dataset} is listed`]: false }),
    }))
}

/** The dataset of a store may stand on another pool where the two declarations differ. */
function datasetsOn(pool: string, { datasets }: StoreOnHost): string[] {
  return datasets.filter((dataset) => dataset === pool || dataset.startsWith(`${pool}/`))
}

function tierNamed({ tiers }: Fleet, name: string | undefined): Tier {
  return tiers.find((tier) => tier.name === name) ?? newTier
}

const newTier = Tier.parse({ name: 'default' })

function severityOf(share: Share, { poolFill: { warning, critical } }: Tier): Severity {
  if (share >= critical) return 'critical'
  return share >= warning ? 'warning' : 'ok'
}

function thresholdsOf({ name, poolFill }: Tier): Evidence[] {
  const { warning, critical } = poolFill
  return [
    declared(`thresholds of tier ${name}`, `warning ${percent(warning)}, critical ${percent(critical)}`, 'fleet file'),
  ]
}
