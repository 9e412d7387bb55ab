import { z } from 'zod'
import { PercentText } from './text-units.ts'
import { Share } from './units.ts'

const share = (part: number) => PercentText.default(Share.parse(part))

const rising = (warning: number, critical: number) =>
  z
    .strictObject({ warning: share(warning), critical: share(critical) })
    .prefault({})
    .refine((limits) => limits.warning <= limits.critical, 'warning must not be above critical')

/** Settings under `checks` of the fleet file that are about pools and datasets. */
export const poolSettings = {
  redundancy: z
    .strictObject({ atLeast: z.int().min(0).max(3).default(1) })
    .prefault({})
    .describe('REDUNDANCY_LOW: how many more disks each part of a pool must be able to lose'),
  fragmentation: z
    .strictObject({ warning: share(0.5), whenFull: share(0.7) })
    .prefault({})
    .describe('POOL_FRAGMENTED: share of fragmented free space, in pools that are at least so full'),
  specialFill: rising(0.7, 0.75).describe('SPECIAL_NEARLY_FULL: shares of a special or dedup vdev in use'),
  quotaFill: rising(0.8, 0.9).describe('DATASET_QUOTA_NEAR: shares of a quota or refquota in use'),
  inodes: rising(0.9, 0.95).describe('INODES_LOW: shares of the inodes of a file system of the host in use'),
  snapshotSpace: z
    .strictObject({ warning: share(0.3) })
    .prefault({})
    .describe('SNAPSHOT_SPACE_HIGH: share of what a dataset uses that only its snapshots hold'),
}
