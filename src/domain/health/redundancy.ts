import { leaves, type PoolStatus, type Vdev, type VdevClass, vdevClasses } from '../pool-status.ts'
import { failuresToLose, isMarked, parityOf, partsToLose, type ResilverState, resilverOf } from './failures-to-lose.ts'

/** One top-level vdev: how many of its parts are out, and how many more disks it can lose. */
export interface Margin {
  vdev: Vdev
  class: VdevClass
  /** Children that do not hold their whole data now. */
  out: number
  /** Disks that may still be lost before data is, whichever they are; below 0 when it already is, or cannot be told. */
  left: number
  /** The same with every child whole. */
  builtFor: number
  /**
   * False where marks cannot be told apart: disks of a dRAID are marked while a distributed spare is written, and also
   * while they themselves are behind; and any disk is marked to which a scan has written a single block. A vdev that ZFS
   * has in use has not lost more than it can. Then `left` is the most that it can be.
   */
  isCertain: boolean
}

/** The classes whose loss is the loss of the pool (zpoolconcepts(7)); logs, caches and spares can be done without. */
const vital: readonly VdevClass[] = ['data', 'special', 'dedup']

/** Not what is left of a vdev that was removed from the pool: no disk stands behind it. */
const hasDisks = ({ kind }: Vdev): boolean => kind !== 'indirect'

/** The margins of all top-level vdevs with whose loss the pool is lost. */
export function margins(status: PoolStatus): Margin[] {
  return vital.flatMap((name) =>
    status.vdevs[name].filter(hasDisks).map((vdev) => marginOf(vdev, name, resilverOf(status, vdev))),
  )
}

/** The vital vdev closest to its loss: among those that miss something, and among all where none does. */
export function weakest(status: PoolStatus): Margin | undefined {
  const byLeft = margins(status).toSorted((a, b) => a.left - b.left)
  return byLeft.find(({ out }) => out > 0) ?? byLeft[0]
}

/** How many more disks a vdev can lose, for evidence. */
export const leftText = ({ left, isCertain }: Pick<Margin, 'left' | 'isCertain'>): number | string =>
  isCertain ? Math.max(0, left) : `at most ${Math.max(0, left)}`

/** Whether a vdev has lost something, and can lose no more. */
export const isBare = ({ left, out, isCertain }: Margin): boolean => left <= 0 && (out > 0 || !isCertain)

/** What the loss of further disks of a vdev means; `held` is what is lost with the pool. */
export function danger({ vdev, left, out, isCertain }: Margin, held: string): string {
  if (left < 0)
    return `${vdev.name} has lost more disks than it can do without: ${held} cannot be read until one is back.`
  if (left > 0) {
    return `${vdev.name} can lose ${isCertain ? '' : 'at most '}${left} more ${left === 1 ? 'disk' : 'disks'}; one beyond that loses the pool, and with it ${held}.`
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
    status.vdevs[name].filter(hasDisks).flatMap((top) =>
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

function marginOf(vdev: Vdev, name: VdevClass, resilver: ResilverState): Margin {
  const told = marginByMarks(vdev, name, resilver)
  if (told.left >= 0 || (vdev.state !== 'ONLINE' && vdev.state !== 'DEGRADED')) return told
  const most = marginByMarks(unmarked(vdev), name, resilver)
  return most.left < 0 ? told : { ...most, vdev, isCertain: false }
}

const unmarked = (vdev: Vdev): Vdev => ({
  ...vdev,
  note: isMarked(vdev) ? '' : vdev.note,
  children: vdev.children.map((child) => unmarked(child)),
})

function marginByMarks(vdev: Vdev, name: VdevClass, resilver: ResilverState): Margin {
  const isGroup = vdev.kind === 'mirror' || vdev.kind === 'raidz' || vdev.kind === 'draid'
  const parts = isGroup ? partsToLose(vdev, resilver) : [failuresToLose(vdev, resilver)]
  const out = parts.filter((failures) => failures === 0).length
  return {
    vdev,
    class: name,
    // A disk that is behind and cannot be named is one of the parts all the same.
    out: resilver.hidden && isGroup && out === 0 && parts.length > 0 ? 1 : out,
    left: failuresToLose(vdev, resilver) - 1,
    builtFor: isGroup ? parityOf(vdev) : 0,
    isCertain: !(vdev.kind === 'draid' && resilver.toDistributedSpare),
  }
}
