import { z } from 'zod'

/** The OpenZFS of one host, as `zpool version` tells it. */
export const ZfsVersion = z.object({
  /** As printed, without `zfs-`: `2.1.11-1+deb12u1`. */
  userland: z.string(),
  /** The loaded kernel module; null when it is not told. It can differ after an upgrade without a reboot. */
  module: z.string().nullable(),
  features: z.object({
    /** `zpool status -j` and friends (2.3+). */
    json: z.boolean(),
    /** `zpool get … all-vdevs` (2.2+). */
    vdevProperties: z.boolean(),
  }),
})
export type ZfsVersion = z.infer<typeof ZfsVersion>
