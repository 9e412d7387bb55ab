import { Pool } from '../../domain/pool.ts'
import type { Exec } from '../system/exec.ts'
import { partOf } from '../../domain/read-in-part.ts'
import { accept, readRows, shareOrNull, whole } from './table.ts'
import { listVdevSpace } from './vdev-space.ts'
import { running } from './zfs-failures.ts'

const columns = [
  'name',
  'guid',
  'size',
  'allocated',
  'free',
  'capacity',
  'fragmentation',
  'health',
  'readonly',
] as const

/** One command for 2.1 to 2.4. */
export const poolListArgs: readonly string[] = ['list', '-Hp', '-o', columns.join(',')]

/** Every imported pool; none gives an empty list (exit 0 and nothing on stdout, 2.1.11 to 2.3.9). */
export async function listPools(exec: Exec, signal?: AbortSignal): Promise<Pool[]> {
  return parsePools(await running(exec, 'zpool', poolListArgs, signal))
}

/** The same with the space of each vdev, by a second command. */
export async function listPoolsWithSpace(exec: Exec, signal?: AbortSignal): Promise<Pool[]> {
  const listed = await partOf(listPools(exec, signal))
  const space = await partOf(spaceOf(listed.read, exec, signal))
  return listed.conclude(space.conclude(listed.read.map((pool) => ({ ...pool, vdevs: space.read[pool.name] ?? [] }))))
}

const spaceOf = async (pools: readonly Pool[], exec: Exec, signal?: AbortSignal): ReturnType<typeof listVdevSpace> =>
  pools.length === 0 ? {} : listVdevSpace(exec, signal)

/**
 * Without the space of each vdev, which is asked for by itself. `-p` prints bytes and whole percents; `-` stands for "not
 * known": fragmentation of a readonly or faulted pool, and of a pool that could not be opened all but name, guid and health.
 */
export function parsePools(stdout: string): Pool[] {
  return readRows(stdout, columns, (row) =>
    accept(
      Pool,
      {
        name: row.name,
        guid: row.guid,
        size: sizeOf(row.size, row.health),
        allocated: sizeOf(row.allocated, row.health),
        free: sizeOf(row.free, row.health),
        capacity: row.capacity === '-' && isUnopened(row.health) ? 0 : shareOrNull(row.capacity),
        fragmentation: shareOrNull(row.fragmentation),
        health: row.health === 'SPLIT' ? 'UNAVAIL' : row.health,
        readonly: isReadonly(row.readonly, row.health),
        vdevs: [],
      },
      row,
    ),
  )
}

/**
 * A pool that could not be opened has `-` for every size (`zpool_get_prop` of libzfs for POOL_STATE_UNAVAIL); its health
 * says the rest. Of any other pool a size is a number.
 */
const sizeOf = (text: string, health: string): number => (text === '-' && isUnopened(health) ? 0 : whole(text))

const isReadonly = (text: string, health: string): unknown =>
  text === 'on' ? true : text === 'off' ? false : text === '-' && isUnopened(health) ? null : text

const isUnopened = (health: string): boolean => health === 'FAULTED' || health === 'UNAVAIL'
