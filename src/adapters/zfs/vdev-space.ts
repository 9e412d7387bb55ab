import { VdevSpace } from '../../domain/pool.ts'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { Exec } from '../system/exec.ts'
import { accept, shareOrNull, whole } from './table.ts'
import { running } from './zfs-failures.ts'

/**
 * The columns of `zpool list` that stand for themselves; `-o` is not asked for here, since only this form was recorded.
 * `-P`: a disk that is a vdev of its own is told from a mirror by its path.
 */
export const vdevSpaceArgs: readonly string[] = ['list', '-HpvP']

const columns = 11

/** The words that stand in a line of their own above the vdevs of a class, padded with blanks even with `-H`. */
const headers: Readonly<Record<string, VdevSpace['class'] | 'no data'>> = {
  dedup: 'dedup',
  special: 'special',
  logs: 'log',
  // No data of the pool lies on these.
  cache: 'no data',
  spare: 'no data',
}

/** The space on each top-level vdev, by the name of its pool. */
export async function listVdevSpace(exec: Exec, signal?: AbortSignal): Promise<Record<string, VdevSpace[]>> {
  return parseVdevSpace(await running(exec, 'zpool', vdevSpaceArgs, signal))
}

/**
 * `zpool list -HpvP` has no depth: a row of a pool begins with its name, that of a vdev with a TAB, and a class with a line
 * of blanks and dashes. Disks below a vdev show their size alone (recorded: 2.1.11, 2.3.2, 2.3.9), so what has a number
 * under ALLOC is a top-level vdev.
 */
export function parseVdevSpace(stdout: string): Record<string, VdevSpace[]> {
  const pools = new Map<string, VdevSpace[]>()
  let vdevs: VdevSpace[] | undefined
  let current: VdevSpace['class'] | 'no data' = 'data'
  for (const line of stdout.split('\n')) {
    if (line === '') continue
    const cells = line.split('\t')
    const [first = '', name = '', size = '', allocated = '', free = '', , , fragmentation = ''] = cells
    if (cells.length === 1) {
      current = classOf(line)
    } else if (cells.length !== columns) {
      throw new UnexpectedOutput(`expected ${columns} cells of zpool list -v, got ${cells.length}`, line)
    } else if (first !== '') {
      vdevs = []
      current = 'data'
      pools.set(first, vdevs)
    } else if (vdevs === undefined) {
      throw new UnexpectedOutput('a vdev stands before any pool', line)
    } else if (current !== 'no data' && allocated !== '-') {
      vdevs.push(
        accept(
          VdevSpace,
          {
            name,
            class: current,
            size: whole(size),
            allocated: whole(allocated),
            free: whole(free),
            fragmentation: shareOrNull(fragmentation),
          },
          { line },
        ),
      )
    }
  }
  return Object.fromEntries(pools)
}

function classOf(line: string): VdevSpace['class'] | 'no data' {
  const [word = '', ...cells] = line.trim().split(/ +/)
  const found = Object.hasOwn(headers, word) ? headers[word] : undefined
  if (found === undefined || cells.some((cell) => cell !== '-')) {
    throw new UnexpectedOutput(`zpool list -v shows a class that is not known`, line)
  }
  return found
}
