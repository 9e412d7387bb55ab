import { FileSystem } from '../../domain/filesystem.ts'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { Exec } from '../system/exec.ts'
import { Pieces } from '../../domain/read-in-part.ts'
import { accept, wholeOrNull } from '../zfs/table.ts'

/** Where the system and the agent itself write; on every host of the Linux that we run on. */
const folders = ['/', '/var', '/tmp']

/** By columns, so that a name with blanks cannot shift them: the mount point stands last. */
export const dfArgs: readonly string[] = ['--output=fstype,itotal,iavail,target', ...folders]

/**
 * The file systems with a fixed number of inodes that the host itself writes to, each once. A child with a deadline asks,
 * since a path can lie on a pool; those on ZFS, and those that count no inodes (btrfs), are left out.
 */
export async function readFileSystems(exec: Exec, signal?: AbortSignal): Promise<FileSystem[]> {
  return parseFileSystems(await exec('df', dfArgs, { signal }))
}

/** `Type   Inodes    IFree Mounted on`, then a row for each folder that was named (coreutils 9.1). */
export function parseFileSystems(stdout: string): FileSystem[] {
  const [header = '', ...rows] = stdout.split('\n').filter((line) => line !== '')
  if (!/^Type +Inodes +IFree +Mounted on$/.test(header)) throw new UnexpectedOutput('df shows other columns', stdout)
  const found = new Map<string, FileSystem>()
  const pieces = new Pieces('row')
  for (const row of rows) {
    const system = pieces.take(row, () => fileSystemOf(row))
    if (system !== undefined) found.set(system.mountpoint, system)
  }
  return pieces.conclude([...found.values()])
}

/** Undefined for what is on ZFS, and for what counts no inodes. */
function fileSystemOf(row: string): FileSystem | undefined {
  const [, type, total = '', free = '', mountpoint] = /^(\S+) +(\S+) +(\S+) +(\/.*)$/.exec(row) ?? []
  if (type === undefined || mountpoint === undefined) throw new UnexpectedOutput('df shows an unknown row', row)
  const inodes = wholeOrNull(total)
  if (type === 'zfs' || inodes === null || inodes === 0) return undefined
  return accept(FileSystem, { mountpoint, type, inodes: { total: inodes, free: wholeOrNull(free) } }, { row })
}
