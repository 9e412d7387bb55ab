import { leaves, type PoolStatus, type Vdev, type VdevClass, vdevClasses } from '../pool-status.ts'

/** One top-level vdev: how many of its parts are out, and how many more it can lose. */
export interface Margin {
  vdev: Vdev
  class: VdevClass
  /** Children that do not hold their whole data now. */
  out: number
  /** Children that may still be lost before the vdev is; below 0 when it already is. */
  left: number
}

/** The classes whose loss is the loss of the pool (zpoolconcepts(7)); logs, caches and spares can be done without. */
const vital: readonly VdevClass[] = ['data', 'special', 'dedup']

/** The margins of all top-level vdevs with whose loss the pool is lost. */
export function margins(status: PoolStatus): Margin[] {
  return vital.flatMap((name) =>
    status.vdevs[name].map((vdev) => ({ class: name, vdev, ...marginOf(vdev, isResilvering(status)) })),
  )
}

/** The vital vdev closest to its loss among those that miss something; undefined when nothing is out. */
export function weakest(status: PoolStatus): Margin | undefined {
  return margins(status)
    .filter(({ out }) => out > 0)
    .toSorted((a, b) => a.left - b.left)[0]
}

/** What the loss of further disks of a vdev means; `held` is what is lost with the pool. */
export function danger({ vdev, left, out }: Margin, held: string): string {
  if (left < 0)
    return `${vdev.name} has lost more disks than it can do without: ${held} cannot be read until one is back.`
  if (left > 0) {
    return `${vdev.name} can lose ${left} more ${left === 1 ? 'disk' : 'disks'}; one beyond that loses the pool, and with it ${held}.`
  }
  if (vdev.children.length === 0 && out === 0)
    return `${vdev.name} stands alone: its loss loses the pool, and with it ${held}.`
  return `One more failed disk in ${vdev.name} loses the pool, and with it ${held}.`
}

/** A leaf with where it stands. */
export interface PlacedLeaf {
  leaf: Vdev
  class: VdevClass
  /** Its top-level vdev, with its margin; undefined for logs, caches and spares. */
  margin: Margin | undefined
}

export function placedLeaves(status: PoolStatus): PlacedLeaf[] {
  const vitalMargins = margins(status)
  return vdevClasses.flatMap((name) =>
    status.vdevs[name].flatMap((top) =>
      leaves([top]).map((leaf) => ({
        leaf,
        class: name,
        margin: vitalMargins.find(({ vdev }) => vdev === top),
      })),
    ),
  )
}

/** A leaf as people know it: with what it was, where ZFS has only a number or a path left. */
export function leafName({ name, note }: Vdev): string {
  const was = /\bwas (\S+)/.exec(note)?.[1]
  return was === undefined ? name : `${name} (was ${was})`
}

function isResilvering({ scans }: PoolStatus): boolean {
  return scans.some(({ kind, state }) => (kind === 'resilver' || kind === 'rebuild') && state === 'in-progress')
}

function marginOf(vdev: Vdev, resilvering: boolean): { out: number; left: number } {
  if (vdev.children.length === 0) {
    return isWhole(vdev, resilvering) ? { out: 0, left: 0 } : { out: 1, left: -1 }
  }
  const out = vdev.children.filter((child) => !isWhole(child, resilvering)).length
  return { out, left: parity(vdev) - out }
}

/** How many children a vdev can do without. A name that we cannot read counts for the least: one. */
function parity({ kind, name, children }: Vdev): number {
  if (kind === 'raidz' || kind === 'draid') return Number(/^d?raidz?([123])/.exec(name)?.[1] ?? 1)
  return children.length - 1
}

/**
 * Whether a part holds all its data. A disk that is still being resilvered does not; of a disk being replaced, or stood
 * in for by a spare, only the first one can while a resilver runs: the mark `(resilvering)` comes a second late
 * (measured on 2.1.11 and 2.3.2).
 */
function isWhole(vdev: Vdev, resilvering: boolean): boolean {
  if (vdev.state !== 'ONLINE' && vdev.state !== 'DEGRADED') return false
  if (vdev.children.length === 0) return !/resilver/.test(vdev.note)
  const pair = vdev.kind === 'replacing' || vdev.kind === 'spare'
  return (pair && resilvering ? vdev.children.slice(0, 1) : vdev.children).some((child) => isWhole(child, resilvering))
}
