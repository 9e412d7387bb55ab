import { doesItsWork, leaves, type PoolStatus } from './pool-status.ts'

/** What `zpool status` can say of a pool behind `status:`, and which finding tells it. */
interface Reason {
  /** By the name in include/libzfs.h, without ZPOOL_STATUS_. */
  name: string
  /** How its words begin. */
  begins: RegExp
  /** Of zfs_msgid_table; some reasons share one, most have none. */
  id?: string
  /** `told`: another finding says it, where that holds; else how bad it is. */
  means: 'warning' | 'info' | ((status: PoolStatus) => boolean)
}

/** Some disk is not as it should be, so the DISK_ findings speak. */
const hasBadDisk = ({ vdevs }: PoolStatus): boolean =>
  leaves(Object.values(vdevs).flat()).some(
    ({ state, readErrors, writeErrors, checksumErrors }) =>
      !['ONLINE', 'AVAIL', 'INUSE'].includes(state) ||
      (readErrors ?? 0) + (writeErrors ?? 0) + (checksumErrors ?? 0) > 0,
  )

/** Told by POOL_FAULTED or POOL_SUSPENDED. */
const hasStopped = ({ state }: PoolStatus): boolean => !doesItsWork(state)

/**
 * zpool_get_status of libzfs_status.c and print_status_reason of zpool_main.c, OpenZFS 2.1.16, 2.2.8, 2.3.2 and 2.4.4 (and
 * FAULTED_FDOM_R of the development branch). Only reasons of pools that are imported.
 */
const reasons: readonly Reason[] = [
  { name: 'MISSING_DEV', begins: /^One or more devices could not be opened\b/, means: hasBadDisk },
  { name: 'CORRUPT_LABEL', begins: /^One or more devices could not be used because the label/, means: hasBadDisk },
  { name: 'FAILING_DEV', begins: /^One or more devices has experienced an unrecoverable error\b/, means: hasBadDisk },
  { name: 'OFFLINE_DEV', begins: /^One or more devices has been taken offline\b/, means: hasBadDisk },
  { name: 'REMOVED_DEV', begins: /^One or more devices ha(?:s|ve) been removed\b/, means: hasBadDisk },
  { name: 'FAULTED_DEV', begins: /^One or more devices are faulted in response to/, means: hasBadDisk },
  { name: 'FAULTED_FDOM_R', begins: /^One or more failure domains are faulted\b/, means: hasBadDisk },
  {
    name: 'CORRUPT_DATA',
    id: 'ZFS-8000-8A',
    begins: /^One or more devices has experienced an error resulting in data corruption\b/,
    // POOL_DATA_ERRORS goes by the id too.
    means: ({ messageId, dataErrors }) => messageId === 'ZFS-8000-8A' || dataErrors.count !== 0,
  },
  {
    name: 'RESILVERING, REBUILDING',
    begins: /^One or more devices (?:is|are) (?:currently )?being (?:sequentially )?(?:resilvered|rebuilt)\b/,
    means: ({ scans }) => scans.some(({ kind, state }) => kind !== 'scrub' && state !== 'finished'),
  },
  { name: 'CORRUPT_POOL', begins: /^The pool metadata is corrupted/, means: hasStopped },
  { name: 'VERSION_NEWER', begins: /^The pool has been upgraded to a newer, incompatible/, means: hasStopped },
  { name: 'UNSUP_FEAT_READ', begins: /^The pool cannot be accessed on this system/, means: hasStopped },
  { name: 'IO_FAILURE_MMP', begins: /^The pool is suspended because multihost writes/, means: hasStopped },
  { name: 'BAD_LOG', begins: /^An intent log record could not be read/, means: hasStopped },
  { name: 'FEAT_DISABLED', begins: /^Some supported (?:and requested )?features are not enabled/, means: () => true },
  { name: 'VERSION_OLDER', begins: /^The pool is formatted using a(?:n older| legacy) on-disk format/, means: 'info' },
  {
    name: 'NON_NATIVE_ASHIFT',
    begins: /^One or more devices are configured to use a non-native block size/,
    means: 'info',
  },
  { name: 'REBUILD_SCRUB', begins: /^One or more devices have been sequentially resilvered, scrubbing/, means: 'info' },
  { name: 'HOSTID_MISMATCH', id: 'ZFS-8000-EY', begins: /^Mismatch between pool hostid/, means: 'warning' },
  { name: 'ERRATA', id: 'ZFS-8000-ER', begins: /^Errata #\d+ detected/, means: 'warning' },
  { name: 'UNSUP_FEAT_WRITE', begins: /^The pool can only be accessed in read-only mode/, means: 'warning' },
  { name: 'COMPATIBILITY_ERR', begins: /^This pool has a compatibility list specified, but/, means: 'warning' },
  { name: 'INCOMPATIBLE_FEAT', begins: /^One or more features are enabled on the pool despite/, means: 'warning' },
]

/** How bad it is what a pool says of itself and no other finding tells; a reason that is not known is a warning. */
export function untoldReason(status: PoolStatus): 'warning' | 'info' | undefined {
  const { statusText, messageId } = status
  if (statusText === undefined || hasStopped(status)) return undefined
  const known =
    reasons.find(({ begins }) => begins.test(statusText)) ??
    reasons.find(({ id }) => id !== undefined && id === messageId)
  if (known === undefined) return 'warning'
  if (typeof known.means === 'string') return known.means
  return known.means(status) ? undefined : 'warning'
}
