import { z } from 'zod'
import { leaves, type PoolStatus, type Vdev, vdevClasses } from '../../domain/pool-status.ts'

/** How many damaged files are kept by name. */
const maxFiles = 1000

/** Errors of one disk since the last `zpool clear`. */
export const DiskErrors = z.object({ disk: z.string(), read: z.number(), write: z.number(), checksum: z.number() })
export type DiskErrors = z.infer<typeof DiskErrors>

/** What a pool says of its errors before something is done to it, to be held against what it says afterwards. */
export const PoolErrors = z.object({
  /** null where it does not tell. */
  dataErrors: z.number().nullable(),
  /** Damaged files, at most 1,000: a scan that begins empties the list. */
  files: z.array(z.string()),
  /** Disks with errors. */
  disks: z.array(DiskErrors),
})
export type PoolErrors = z.infer<typeof PoolErrors>

export const errorsOf = (status: PoolStatus): PoolErrors => ({
  dataErrors: status.dataErrors.count,
  files: status.dataErrors.paths.slice(0, maxFiles),
  disks: leaves(vdevClasses.flatMap((name): Vdev[] => status.vdevs[name])).flatMap((leaf) => {
    const [read, write, checksum] = [leaf.readErrors ?? 0, leaf.writeErrors ?? 0, leaf.checksumErrors ?? 0]
    return read + write + checksum > 0 ? [{ disk: leaf.name, read, write, checksum }] : []
  }),
})

/** Errors that disks have had since they were noted. */
export function errorsSince(before: PoolErrors, status: PoolStatus): DiskErrors[] {
  return errorsOf(status).disks.flatMap((disk) => {
    const was = before.disks.find((one) => one.disk === disk.disk) ?? { read: 0, write: 0, checksum: 0 }
    // Somebody may have cleared them meanwhile: what is there now has come since.
    const more = (kind: 'read' | 'write' | 'checksum') =>
      disk[kind] >= was[kind] ? disk[kind] - was[kind] : disk[kind]
    const errors = { disk: disk.disk, read: more('read'), write: more('write'), checksum: more('checksum') }
    return errors.read + errors.write + errors.checksum > 0 ? [errors] : []
  })
}
