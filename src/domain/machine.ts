import { z } from 'zod'
import { Bytes, Instant } from './units.ts'

/** What the kernel says of one host, whether or not it has ZFS. Never blocks: it comes from /proc. */
export const MachineFacts = z.object({
  /** The release of the kernel that runs: `6.1.0-41-cloud-amd64` (uname(1), `-r`). */
  kernel: z.string().min(1),
  bootedAt: Instant,
  memory: z.object({
    total: Bytes,
    /** What can be given to programs without swapping (proc(5), MemAvailable); the ARC does not count as available there. */
    available: Bytes,
  }),
})
export type MachineFacts = z.infer<typeof MachineFacts>
