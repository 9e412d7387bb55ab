import { VdevSpace } from '../../domain/pool.ts'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { Exec } from '../system/exec.ts'
import { Pieces } from '../../domain/read-in-part.ts'
import { accept, rowOf, shareOrNull, whole } from './table.ts'
import { running } from './zfs-failures.ts'

/**
 * What the line of a vdev holds in each release. From 2.4.1 on it holds what `-o` asks for; before, `-o` counts for the
 * line of a pool only, and that of a vdev always has these columns in this order (`print_list_stats` of zpool_main.c, 2.1
 * to 2.4.0). Asked for exactly these, every release prints the same, whatever a newer one adds to its default.
 */
const columns = [
  'name',
  'size',
  'allocated',
  'free',
  'checkpoint',
  'expandsize',
  'fragmentation',
  'capacity',
  'dedupratio',
  'health',
] as const

/** `-P`: a disk that is a vdev of its own is told from a mirror by its path. */
export const vdevSpaceArgs: readonly string[] = ['list', '-HpvP', '-o', columns.join(',')]

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
 * of blanks and dashes. Disks below a vdev show their size alone (recorded: 2.1.11, 2.3.2, 2.3.9, 2.4.4), so what has a
 * number under ALLOC is a top-level vdev.
 */
export function parseVdevSpace(stdout: string): Record<string, VdevSpace[]> {
  const pools = new Map<string, VdevSpace[]>()
  const pieces = new Pieces('row')
  let vdevs: VdevSpace[] | undefined
  let current: VdevSpace['class'] | 'no data' | undefined = 'data'
  for (const line of stdout.split('\n')) {
    if (line === '') continue
    if (!line.includes('\t')) {
      // What stands below a class that is not known is nobody's space.
      current = pieces.take(line, () => classOf(line))
    } else if (line.startsWith('\t')) {
      const space = pieces.take(line, () => vdevOf(line.slice(1), current))
      if (vdevs === undefined) throw new UnexpectedOutput('a vdev stands before any pool', line)
      if (space !== undefined) vdevs.push(space)
    } else {
      vdevs = []
      current = 'data'
      // The name is the first cell, whatever else stands in the row.
      pools.set(line.slice(0, line.indexOf('\t')), vdevs)
      pieces.take(line, () => rowOf(line, columns))
    }
  }
  return pieces.conclude(Object.fromEntries(pools))
}

/** Undefined for what holds no data, and for a disk below a vdev. */
function vdevOf(line: string, current: VdevSpace['class'] | 'no data' | undefined): VdevSpace | undefined {
  const row = rowOf(line, columns)
  if (current === undefined || current === 'no data' || row.allocated === '-') return undefined
  return accept(
    VdevSpace,
    {
      name: row.name,
      class: current,
      size: whole(row.size),
      allocated: whole(row.allocated),
      free: whole(row.free),
      fragmentation: shareOrNull(row.fragmentation),
    },
    row,
  )
}

function classOf(line: string): VdevSpace['class'] | 'no data' {
  const [word = '', ...cells] = line.trim().split(/ +/)
  const found = Object.hasOwn(headers, word) ? headers[word] : undefined
  if (found === undefined || cells.some((cell) => cell !== '-')) {
    throw new UnexpectedOutput(`zpool list -v shows a class that is not known`, line)
  }
  return found
}
