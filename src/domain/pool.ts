import { z } from 'zod'
import { PoolState } from './pool-status.ts'
import { Bytes, Share } from './units.ts'

/** One ZFS pool on one host, as `zpool list` tells it. Sizes are raw: with raidz they include parity. */
export const Pool = z.object({
  name: z.string().min(1),
  /** Decimal, as a string: guids exceed 2^53. */
  guid: z.string(),
  size: Bytes,
  allocated: Bytes,
  free: Bytes,
  /** `CAP`: allocated / size. A full small pool showed 73 % (slop space); see `fill` of the dataset. */
  capacity: Share,
  /** Share of the free space that lies in small gaps; null when the pool cannot tell. */
  fragmentation: Share.nullable(),
  health: PoolState,
  readonly: z.boolean(),
})
export type Pool = z.infer<typeof Pool>
