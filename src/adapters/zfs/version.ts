import { UnexpectedOutput } from '../../domain/errors.ts'
import { ZfsVersion } from '../../domain/zfs-version.ts'
import type { Exec } from '../system/exec.ts'
import { running } from './zfs-failures.ts'

/** The same on every release since 0.8. */
export const versionArgs: readonly string[] = ['version']

/** Which OpenZFS this is. The module is told only when it is loaded. */
export async function readZfsVersion(exec: Exec, signal?: AbortSignal): Promise<ZfsVersion> {
  return parseZfsVersion(await running(exec, 'zpool', versionArgs, signal))
}

/**
 * Two lines, `zfs-2.1.11-1+deb12u1` and `zfs-kmod-2.1.11-1+deb12u1` (recorded: 2.1.11, 2.3.2, 2.3.9). They can differ
 * after an upgrade without a reboot; what the programs can print depends on the first.
 */
export function parseZfsVersion(stdout: string): ZfsVersion {
  let userland: string | undefined
  let module: string | null = null
  for (const line of stdout.split('\n')) {
    const [, kmod, version] = /^zfs-(kmod-)?(\d[\w.+~:-]*)$/.exec(line.trim()) ?? []
    if (version === undefined) continue
    if (kmod === undefined) userland ??= version
    else module ??= version
  }
  if (userland === undefined || release(userland) === undefined) {
    throw new UnexpectedOutput('zpool version does not name a version of OpenZFS', stdout)
  }
  return ZfsVersion.parse({
    userland,
    module,
    features: { json: isAtLeast(userland, [2, 3]), vdevProperties: isAtLeast(userland, [2, 2]) },
  })
}

/** Whether a version as it is printed (`2.1.11-1+deb12u1`) is of this release or a later one. */
export function isAtLeast(version: string, [wantedMajor, wantedMinor]: readonly [number, number]): boolean {
  const [major, minor] = release(version) ?? [0, 0]
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/** Major and minor; undefined for what names no version. */
function release(version: string): [number, number] | undefined {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})(?!\d)/.exec(version) ?? []
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)]
}
