import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'

/** Where a store is, so that a copy of it can be told from it. */
export interface StorePlace {
  machine: string
  file: string
}

/** What stands in place of the file in a copy that we have made, and in a store that has less than was once stored. */
export const backupMark = 'a backup'
export const olderMark = 'an older state'

/**
 * Place of a file. Its inode and its birth, not its device: the number of that changes from one boot to the next where it
 * is not of a disk of its own (ZFS, btrfs, device mapper).
 */
export async function filePlace(path: string): Promise<StorePlace> {
  const { ino, birthtimeNs, ctimeNs } = await stat(path, { bigint: true })
  // File systems without a time of birth give 0, or the time of the last change.
  const born = birthtimeNs === 0n || birthtimeNs === ctimeNs ? '' : `, born ${birthtimeNs}`
  return { machine: await machine(), file: `inode ${ino}${born}` }
}

/** machine-id(5) asks not to show the id itself. */
async function machine(): Promise<string> {
  const id = (await readFile('/etc/machine-id', 'utf8').catch(() => '')).trim()
  if (id === '') return 'without a machine-id'
  return createHash('sha256').update(`tiercel store\0${id}`).digest('hex').slice(0, 32)
}

/** Why a store that was claimed at one place, and is now at another, is a copy; undefined where it is not. */
export function signsOfCopy(claimed: StorePlace, now: StorePlace): string | undefined {
  if (claimed.file === backupMark) return 'it was put back from a backup'
  if (claimed.file === olderMark) return 'it is an older state: more was once stored at this place'
  if (claimed.machine !== now.machine) return 'it was claimed on another machine'
  if (!isSameFile(claimed.file, now.file)) return 'its file is another one than the one that was claimed'
  return undefined
}

function isSameFile(one: string, other: string): boolean {
  const [inode, born] = one.split(', ')
  const [otherInode, otherBorn] = other.split(', ')
  return inode === otherInode && (born === undefined || otherBorn === undefined || born === otherBorn)
}
