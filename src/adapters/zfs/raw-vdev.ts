import { z } from 'zod'
import { NumberText } from './json-values.ts'

const Optional = NumberText.optional()

/** One vdev of `zpool status -j`: what we read of it. Most keys are there only when they are not zero. */
export const RawVdev = z.looseObject({
  name: z.string().min(1),
  vdev_type: z.string().optional(),
  guid: Optional,
  path: z.string().optional(),
  parent: z.string().optional(),
  class: z.string().optional(),
  state: z.string().optional(),
  aux: z.string().optional(),
  not_present: Optional,
  was: z.string().optional(),
  used_by: z.string().optional(),
  read_errors: Optional,
  write_errors: Optional,
  checksum_errors: Optional,
  slow_ios: Optional,
  dio_verify_errors: Optional,
  power_state: z.string().optional(),
  configured_ashift: Optional,
  physical_ashift: Optional,
  removing: Optional,
  noalloc: Optional,
  scan_processed: Optional,
  resilver_deferred: Optional,
  init_state: z.string().optional(),
  initialized: Optional,
  to_initialize: Optional,
  init_time: Optional,
  trim_state: z.string().optional(),
  trimmed: Optional,
  to_trim: Optional,
  trim_time: Optional,
  trim_notsup: Optional,
  vdevs: z.unknown().optional(),
})
export type RawVdev = z.infer<typeof RawVdev>
