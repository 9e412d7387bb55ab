import { leaves, type Vdev, type VdevClass } from '../pool-status.ts'
import type { Evidence, Place, Severity } from './finding.ts'
import { held, placeOfPool, type PoolOnHost, poolsIn, statusEvidence } from './pools-of-host.ts'
import { danger, leafName, type PlacedLeaf, placedLeaves } from './redundancy.ts'
import type { FleetView } from './view.ts'
import { madeOnce } from './while-judging.ts'

/** One disk, or other leaf, of a pool. */
export interface DiskOfPool extends PlacedLeaf {
  pool: PoolOnHost
  /** `n1/hot-tier/sda` */
  subject: string
  /** As people know it: `sda`, `1234567890 (was /dev/sdb1)`. */
  called: string
  place: Place
  /** What `zpool status` shows in its row; made when asked for, since most disks of a fleet are well. */
  evidence: () => Evidence[]
}

/** The leaves of all pools, as the last good `zpool status` of their hosts shows them. */
export const disksIn: (view: FleetView) => DiskOfPool[] = madeOnce((view: FleetView) =>
  poolsIn(view).flatMap((pool) =>
    pool.status === undefined
      ? []
      : placedLeaves(pool.status).map((placed) => ({ ...placed, ...described(pool, placed) })),
  ),
)

/** How bad the loss of a disk is: critical where no further one may be lost. */
export function severityOfLoss({ margin }: PlacedLeaf): Severity {
  return margin !== undefined && margin.left <= 0 ? 'critical' : 'warning'
}

/** What the loss of a disk endangers. */
export function endangeredBy({ margin, class: name, pool, leaf }: DiskOfPool): string {
  if (margin !== undefined) return danger(margin, held(pool))
  return name === 'log' ? withoutLog(pool, leaf) : (withoutIt[name] ?? '')
}

/** The log holds what was acknowledged and is on no data vdev yet; one that is taken offline is emptied first. */
function withoutLog({ status }: PoolOnHost, leaf: Vdev): string {
  const own = status?.vdevs.log.map((top) => leaves([top])).find((side) => side.includes(leaf)) ?? []
  if (own.some((other) => other !== leaf && other.state === 'ONLINE')) {
    return 'The log has another half: writes that were just acknowledged are lost only if that fails too and the host goes down.'
  }
  return leaf.state === 'OFFLINE'
    ? 'No data: a log is emptied before it is taken offline. Synchronous writes are slower.'
    : 'Writes that were just acknowledged can be lost if the host goes down now.'
}

/** What is lost with a disk whose loss does not lose the pool. The vital classes have a margin instead. */
const withoutIt: Readonly<Partial<Record<VdevClass, string>>> = {
  cache: 'No data: only a read cache is smaller.',
}

function described(pool: PoolOnHost, { leaf }: PlacedLeaf): Omit<DiskOfPool, keyof PlacedLeaf> {
  return {
    pool,
    subject: `${pool.subject}/${leaf.name}`,
    called: leafName(leaf),
    place: placeOfPool(pool, 'disk'),
    evidence: () => statusEvidence(pool, rowOf(leaf)),
  }
}

function rowOf(leaf: Vdev): Record<string, Evidence['value']> {
  return {
    state: leaf.state,
    'read errors': leaf.readErrors,
    'write errors': leaf.writeErrors,
    'checksum errors': leaf.checksumErrors,
    ...(leaf.note === '' ? {} : { note: leaf.note }),
    ...(leaf.path === undefined ? {} : { path: leaf.path }),
    ...(leaf.guid === undefined ? {} : { guid: leaf.guid }),
  }
}
