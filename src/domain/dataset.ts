import { z } from 'zod'
import { Bytes, type Share, shareOf } from './units.ts'

/** One filesystem or volume, as `zfs list` tells it. */
export const Dataset = z.object({
  name: z.string().min(1),
  guid: z.string(),
  type: z.enum(['filesystem', 'volume']),
  used: Bytes,
  available: Bytes,
  referenced: Bytes,
  /** What only snapshots of this dataset hold: it would come free if all of them went. Not those of its children. */
  usedBySnapshots: Bytes,
  /** null where none is set. */
  quota: Bytes.nullable(),
  refquota: Bytes.nullable(),
  /** `none`, `legacy` or a path; null for volumes. */
  mountpoint: z.string().nullable(),
  /** null for volumes. */
  mounted: z.boolean().nullable(),
  /** null for volumes. */
  canmount: z.enum(['on', 'off', 'noauto']).nullable(),
  /** null where the dataset is not encrypted. */
  keyStatus: z.enum(['available', 'unavailable']).nullable(),
  /** The dataset whose key is loaded for this one; null where it is not encrypted. */
  encryptionRoot: z.string().nullable(),
})
export type Dataset = z.infer<typeof Dataset>

/** Share of what the dataset could ever hold that is in use: 1 − available / (used + available). */
export function fill({ used, available }: Pick<Dataset, 'used' | 'available'>): Share {
  return shareOf(used, used + available)
}

/** Whether a dataset is, or lies below, another one. */
export const isWithin = (name: string, above: string): boolean => name === above || name.startsWith(`${above}/`)
