import type { PoolStatus, Scan } from './pool-status.ts'
import type { ZfsVersion } from './zfs-version.ts'

/**
 * How much of the pool a finished scrub has read. OpenZFS 2.3 brought scrubs of a part (`-C`, 2.4 also `-S` and `-E`) and
 * JSON: what has no JSON knows whole ones only.
 */
export function extentOf(scan: Scan, version: ZfsVersion | undefined): 'whole' | 'part' | 'unknown' {
  return scan.extent ?? (version?.features.json === false ? 'whole' : 'unknown')
}

/** The last scrub that has read the whole pool to its end, as far as ZFS still tells of it. */
export function wholeScrub(
  { scans, olderScans = [] }: Pick<PoolStatus, 'scans' | 'olderScans'>,
  version: ZfsVersion | undefined,
): Scan | undefined {
  return [...scans, ...olderScans].find(
    (scan) => scan.kind === 'scrub' && scan.state === 'finished' && extentOf(scan, version) === 'whole',
  )
}
