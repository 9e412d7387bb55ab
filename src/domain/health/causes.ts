import { type Finding, isBad, type Place } from './finding.ts'

/** Where something has to be for a cause to explain it. */
type Where = 'same pool' | 'same store' | 'same host' | 'same cluster'

/** What a finding explains: other findings that are only its consequence, and go away with it. */
export interface Cause {
  /** Codes of findings that are the cause. */
  codes: readonly string[]
  explains: readonly string[]
  where: Where
  /** Only what is found *because nothing can be seen*: what was seen to be wrong is wrong for a reason of its own. */
  ifUnknown?: true
  /** More cases of it than the cause has are not explained by the cause. */
  ifNoMore?: true
  /** Why the one brings the other. */
  because: string
}

const processes = ['KUBO_UNREACHABLE', 'CLUSTER_UNREACHABLE', 'PEER_MISSING'] as const

/**
 * What brings what, the deeper cause first: the first row that holds is the one that is told. Nothing that follows from a
 * finding stands above it, so no chain of causes comes back to where it began (tested).
 */
export const causes: readonly Cause[] = [
  {
    codes: ['AGENT_UNREACHABLE', 'PROBE_STUCK', 'PROBE_FAILED', 'PROBE_NOT_PERMITTED'],
    explains: ['OBSERVATION_STALE', 'POOL_DATA_ERRORS', 'DISK_SMART', 'PEER_MISSING'],
    where: 'same host',
    ifUnknown: true,
    because: 'who cannot look at a host knows nothing of what is on it',
  },
  {
    codes: ['AGENT_UNREACHABLE', 'PROBE_STUCK', 'PROBE_FAILED'],
    explains: ['PINS_UNDER_REPLICATED', 'PINS_WITHOUT_COMPLETE_COPY', 'PINS_ON_ONE_HOST', 'PEER_MISSING'],
    where: 'same cluster',
    ifUnknown: true,
    because: 'copies are counted by the agents of all holders',
  },
  {
    codes: ['DISK_REMOVED', 'DISK_FAULTED', 'RESILVER_RUNNING'],
    explains: ['POOL_DEGRADED', 'REDUNDANCY_LOW', 'SPARE_IN_USE'],
    where: 'same pool',
    because: 'a pool and its vdevs are as good as the disks in them',
  },
  {
    codes: ['POOL_MISSING', 'POOL_FAULTED', 'POOL_SUSPENDED'],
    explains: [...processes, 'SERVICE_NOT_RUNNING', 'DATASET_NOT_MOUNTED', 'PIN_ERRORS', 'POOL_DEGRADED'],
    where: 'same store',
    because: 'Kubo and Cluster have their data on the pool',
  },
  {
    codes: ['POOL_FAULTED', 'POOL_SUSPENDED'],
    explains: ['POOL_DATA_ERRORS'],
    where: 'same pool',
    ifUnknown: true,
    because: 'a pool that does no I/O does not tell what is damaged',
  },
  {
    codes: ['KEY_NOT_LOADED'],
    explains: ['DATASET_NOT_MOUNTED'],
    where: 'same pool',
    because: 'a dataset without its key cannot be mounted',
  },
  {
    codes: ['KEY_NOT_LOADED', 'DATASET_NOT_MOUNTED', 'POOL_READONLY'],
    explains: [...processes, 'SERVICE_NOT_RUNNING', 'PIN_ERRORS'],
    where: 'same store',
    because: 'Kubo and Cluster have their data on the dataset',
  },
  {
    codes: ['POOL_NEARLY_FULL'],
    explains: ['DATASET_QUOTA_NEAR', 'POOL_FRAGMENTED'],
    where: 'same pool',
    because: 'what is left of the pool is all that a dataset can take, and lies in small pieces',
  },
  {
    codes: ['POOL_NEARLY_FULL', 'POOL_FRAGMENTED', 'SHARED_POOL', 'DATASET_QUOTA_NEAR', 'SNAPSHOT_SPACE_HIGH'],
    explains: ['STORAGE_MAX_MISLEADING'],
    where: 'same store',
    because: 'StorageMax is compared with what the dataset can still hold',
  },
  {
    codes: ['SHARED_KUBO'],
    explains: ['KUBO_PEER_MISMATCH'],
    where: 'same host',
    because: 'of two peers with one Kubo, one has the Kubo of the other',
  },
  {
    codes: ['SERVICE_NOT_RUNNING', 'DECLARATION_MISMATCH'],
    explains: processes,
    where: 'same store',
    because: 'what is stopped, or is another than was declared, does not answer as the declared one',
  },
  {
    codes: ['CLUSTER_UNREACHABLE'],
    explains: ['PEER_MISSING'],
    where: 'same store',
    because: 'the others miss a peer whose daemon is down',
  },
  {
    codes: ['AUTO_GC_ENABLED'],
    explains: ['KNOWN_BUG'],
    where: 'same store',
    because: 'errors of automatic garbage collection strike where it is on',
  },
  {
    codes: ['PINS_WITHOUT_COMPLETE_COPY'],
    explains: ['PIN_ERRORS'],
    where: 'same cluster',
    ifNoMore: true,
    because: 'what nobody has whole, nobody can pin',
  },
  {
    codes: ['PINS_WITHOUT_COMPLETE_COPY'],
    explains: ['PINS_UNDER_REPLICATED'],
    where: 'same cluster',
    because: 'a pin without any whole copy has too few',
  },
  {
    codes: [
      'POOL_MISSING',
      'POOL_FAULTED',
      'POOL_SUSPENDED',
      'DATASET_NOT_MOUNTED',
      'SERVICE_NOT_RUNNING',
      'KUBO_UNREACHABLE',
      'CLUSTER_UNREACHABLE',
    ],
    explains: ['PINS_UNDER_REPLICATED'],
    where: 'same cluster',
    because: 'copies on a store that does not work do not count',
  },
  {
    codes: ['PIN_ERRORS', 'PINS_UNEXPECTEDLY_UNPINNED'],
    explains: ['PINS_UNDER_REPLICATED'],
    where: 'same cluster',
    because: 'a pin in error, or lost by its Kubo, is a copy less',
  },
]

/** Where a finding is, as a key; undefined where that says nothing about it. */
const placeIn: Record<Where, (finding: Finding) => string | undefined> = {
  'same pool': ({ place, subject }) =>
    // `n1/hot-tier` of a pool, a vdev, a disk or a dataset of it.
    ofPools.includes(place.kind) ? subject.split('/', 2).join('/') : undefined,
  'same store': ({ place: { host = '', store } }) => (store === undefined ? undefined : `${host}/${store}`),
  'same host': ({ place }) => place.host,
  'same cluster': ({ place }) => place.cluster,
}

const ofPools: readonly Place['kind'][] = ['pool', 'disk', 'dataset']

/** The findings of one code in one place, in their order: thousands of hosts may all be broken alike. */
type Near = (code: string, where: Where, finding: Finding) => readonly Finding[]

function nearIn(findings: readonly Finding[]): Near {
  const byCode = Map.groupBy(findings, ({ code }) => code)
  const indexes = new Map<string, Map<string | undefined, Finding[]>>()
  return (code, where, finding) => {
    const place = placeIn[where](finding)
    if (place === undefined) return []
    const key = `${where} ${code}`
    const index = indexes.get(key) ?? Map.groupBy(byCode.get(code) ?? [], placeIn[where])
    indexes.set(key, index)
    return index.get(place) ?? []
  }
}

/** Says of each finding that is only the consequence of another one, which that is. */
export function explainCauses(findings: readonly Finding[], using: readonly Cause[] = causes): Finding[] {
  const near = nearIn(findings)
  const firstWithId = firstOfSharedIds(findings)
  return findings.map((finding) => {
    const cause = causeOf(finding, near, using) ?? wholeOf(finding, near) ?? firstWithId(finding)
    return cause === undefined ? finding : { ...finding, explainedBy: { code: cause.code, subject: cause.subject } }
  })
}

function causeOf(finding: Finding, near: Near, using: readonly Cause[]): Finding | undefined {
  if (!isBad(finding)) return undefined
  for (const { codes, explains, where, ifUnknown, ifNoMore } of using) {
    if (!explains.includes(finding.code) || (ifUnknown === true && finding.severity !== 'unknown')) continue
    const found = codes.flatMap((code) => near(code, where, finding)).filter(isBad)
    const cases = found.reduce((sum, { count = Number.POSITIVE_INFINITY }) => sum + count, 0)
    if (found.length > 0 && (ifNoMore !== true || (finding.count ?? 0) <= cases)) return found[0]
  }
  return undefined
}

/** Where a host as a whole is not looked at, its stores are not. */
function wholeOf(finding: Finding, near: Near): Finding | undefined {
  if (finding.code !== 'OBSERVATION_STALE') return undefined
  return near(finding.code, 'same host', finding).find(
    ({ place, subject }) => place.kind === 'host' && subject !== finding.subject,
  )
}

const isShared = ({ code, severity }: Finding) => code === 'HOSTID_MISSING_OR_SHARED' && severity === 'warning'

const idOf = ({ evidence: [id] }: Finding) => id?.value

/** Hosts that share an ID are one finding: that of the first of them. */
function firstOfSharedIds(findings: readonly Finding[]): (finding: Finding) => Finding | undefined {
  const byId = Map.groupBy(findings.filter(isShared), idOf)
  return (finding) => {
    const [first] = isShared(finding) ? (byId.get(idOf(finding)) ?? []) : []
    return first === finding ? undefined : first
  }
}
