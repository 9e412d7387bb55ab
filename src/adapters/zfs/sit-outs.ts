import { compareReleases } from '../../domain/known-bugs.ts'
import { doesItsWork, leaves, type PoolStatus, type Vdev } from '../../domain/pool-status.ts'
import { seconds } from '../../domain/units.ts'
import type { Exec } from '../system/exec.ts'
import { running } from './zfs-failures.ts'

/**
 * Which disks of a raidz or dRAID are not read for a while (`sit_out`, from 2.4.0 on): no word of it is in `zpool status`.
 * `guid`, since a disk is named here by what stands behind `/dev/disk/by-id/` without its partition (2.4.4).
 */
export const sitOutArgs = (pool: string): readonly string[] => [
  'get',
  '-H',
  '-p',
  '-o',
  'name,property,value',
  'guid,sit_out',
  pool,
  'all-vdevs',
]

/** The guids of those that sit out; a row that is not understood marks no disk. */
export function parseSitOuts(stdout: string): Set<string> {
  const found = stdout.split('\n').map((line) => line.split('\t'))
  const guids = new Map(
    found.flatMap(([name, property, value]) => (property === 'guid' && value ? [[name, value]] : [])),
  )
  return new Set(
    found.flatMap(([name, property, value]) =>
      property === 'sit_out' && value === 'on' ? (guids.get(name) ?? []) : [],
    ),
  )
}

/**
 * Marks the disks that sit out. Asked only where a disk of a raidz or dRAID counts slow I/Os: each sit-out is counted as one.
 * Whatever goes wrong leaves the status as it was read.
 */
export async function withSitOuts(
  exec: Exec,
  userland: string,
  statuses: PoolStatus[],
  signal?: AbortSignal,
): Promise<PoolStatus[]> {
  if ((compareReleases(userland, '2.4.0') ?? -1) < 0) return statuses
  const marked: PoolStatus[] = []
  for (const status of statuses) {
    const isAsked = doesItsWork(status.state) && countsSlow(status)
    const sitting = isAsked
      ? await readSitOuts(exec, status.name, signal).catch(() => new Set<string>())
      : new Set<string>()
    const mark = (vdev: Vdev): Vdev => ({
      ...vdev,
      ...(vdev.guid !== undefined && sitting.has(vdev.guid) ? { sitsOut: true } : {}),
      children: vdev.children.map(mark),
    })
    marked.push(
      sitting.size === 0 ? status : { ...status, vdevs: { ...status.vdevs, data: status.vdevs.data.map(mark) } },
    )
  }
  return marked
}

const countsSlow = ({ vdevs }: PoolStatus): boolean =>
  vdevs.data.some(
    (vdev) =>
      (vdev.kind === 'raidz' || vdev.kind === 'draid') && leaves([vdev]).some(({ slowIos }) => (slowIos ?? 0) > 0),
  )

const readSitOuts = async (exec: Exec, pool: string, signal?: AbortSignal): Promise<Set<string>> =>
  parseSitOuts(
    await running(
      (file, args, options) => exec(file, args, { ...options, deadline: seconds(5) }),
      'zpool',
      sitOutArgs(pool),
      signal,
    ),
  )
