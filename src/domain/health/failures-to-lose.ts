import { leaves, type PoolStatus, type Vdev } from '../pool-status.ts'

/** What a resilver or rebuild means for one top-level vdev. */
export interface ResilverState {
  /** The last one that reaches this vdev has not ended well: what stands in for a disk may be behind. */
  unfinished: boolean
  /** One runs here, and nothing says which disk is behind: JSON has no marks during a rebuild, text has them late. */
  hidden: boolean
  /** A distributed spare of this dRAID is being written: marks on its other disks may be from that alone. */
  toDistributedSpare: boolean
}

/** A rebuild names its vdev; a resilver goes over the whole pool. */
export function resilverOf({ scans, vdevs }: PoolStatus, top: Vdev): ResilverState {
  const here = scans.filter(
    ({ kind, vdev }) => kind === 'resilver' || (kind === 'rebuild' && (vdev === undefined || vdev === top.name)),
  )
  const running = here.filter(({ state }) => state === 'in-progress' || state === 'paused')
  const unfinished = here.some(({ state }) => state !== 'finished')
  const explains = (vdev: Vdev): boolean =>
    vdev.kind === 'replacing' || vdev.kind === 'spare' || isMarked(vdev) || vdev.children.some(explains)
  const reached = running.every(({ kind, vdev }) => kind === 'rebuild' && vdev !== undefined)
    ? [top]
    : Object.values(vdevs).flat()
  return {
    unfinished,
    hidden: running.length > 0 && !reached.some(explains),
    toDistributedSpare:
      unfinished && leaves([top]).some(({ kind, state }) => kind === 'draid-spare' && state === 'ONLINE'),
  }
}

/**
 * The least number of disks whose failure loses data of a vdev, whichever they are; 0 when it is not whole now.
 *
 * A disk being replaced counts by the old disk alone: when the new one has all of the data, ZFS detaches the old one and
 * `replacing` is gone (`spa_vdev_resilver_done`). What a spare holds counts once the resilver has ended.
 */
export function failuresToLose(vdev: Vdev, resilver: ResilverState): number {
  if (vdev.state !== 'ONLINE' && vdev.state !== 'DEGRADED') return 0
  if (vdev.children.length === 0) return isMarked(vdev) ? 0 : 1
  const costs = partsToLose(vdev, resilver)
  if (vdev.kind === 'replacing') return costs[0] ?? 0
  if (vdev.kind === 'spare') return resilver.unfinished ? (costs[0] ?? 0) : sum(costs)
  const isParity = vdev.kind === 'raidz' || vdev.kind === 'draid'
  return withHidden(costs, (some) => sum(isParity ? smallest(some, parityOf(vdev) + 1) : some), resilver)
}

/** How many children a vdev is built to lose. A name that we cannot read counts for the least: one. */
export function parityOf({ kind, name, children }: Vdev): number {
  if (kind === 'raidz' || kind === 'draid') return Number(/^d?raidz?([123])/.exec(name)?.[1] ?? 1)
  return Math.max(0, children.length - 1)
}

/**
 * The same for each child of a vdev.
 *
 * A distributed spare is no disk of its own, it lies on all the others: beside the disk that it stands in for it saves
 * none. While it is written, the disks that take its data are marked though they lack nothing (captured, 2.1.11).
 */
export function partsToLose({ kind, children }: Vdev, resilver: ResilverState): number[] {
  return children.map((child) => {
    if (kind !== 'draid') return failuresToLose(child, resilver)
    const isDisk = child.children.length === 0
    const told = isDisk && resilver.toDistributedSpare ? { ...child, note: '' } : child
    return Math.min(1, failuresToLose(told, resilver))
  })
}

/**
 * Some disk is behind, and nobody says which: the one whose lack costs most. That it is one more beside those that are
 * out is not known, so it never makes a vdev lost that is not.
 */
function withHidden(costs: number[], total: (some: number[]) => number, { hidden }: ResilverState): number {
  const told = total(costs)
  return hidden ? Math.max(Math.min(1, told), total([0, ...smallest(costs, costs.length - 1)])) : told
}

/** `(resilvering)`, `(awaiting resilver)`. */
export const isMarked = ({ note }: Vdev): boolean => /resilver/.test(note)

const smallest = (costs: readonly number[], count: number): number[] => costs.toSorted((a, b) => a - b).slice(0, count)
const sum = (costs: readonly number[]): number => costs.reduce((total, cost) => total + cost, 0)
