import { z } from 'zod'

const count = z.int().nonnegative()

/** A file system of the host's own, as `df` tells it: not ZFS, whose inodes are made as they are needed. */
export const FileSystem = z.object({
  /** Where it is mounted: `/`, `/var`. */
  mountpoint: z.string().startsWith('/'),
  /** `ext4`, `xfs`. */
  type: z.string().min(1),
  inodes: z.object({ total: count, free: count }),
})
export type FileSystem = z.infer<typeof FileSystem>
