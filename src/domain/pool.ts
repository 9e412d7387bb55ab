import { z } from 'zod'
import { PoolState } from './pool-status.ts'
import { Bytes, Share } from './units.ts'

/** The space on one top-level vdev. Sizes are raw, as those of the pool. */
export const VdevSpace = z.object({
  /** `mirror-0`; the whole path of a disk that is a vdev of its own. */
  name: z.string().min(1),
  class: z.enum(['data', 'special', 'dedup', 'log']),
  size: Bytes,
  allocated: Bytes,
  free: Bytes,
  fragmentation: Share.nullable(),
})
export type VdevSpace = z.infer<typeof VdevSpace>

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
  /** null of a pool that could not be opened: nothing tells it. */
  readonly: z.boolean().nullable(),
  /** Its top-level vdevs, without caches and spares; none for a pool that could not be opened. */
  vdevs: z.array(VdevSpace),
})
export type Pool = z.infer<typeof Pool>
