import { z } from 'zod'

/**
 * How sure we are of one copy, lowest first. `allocated`: the pinset names the holder. `pinned`: the holder's Kubo lists the
 * pin. `complete`: `dag/stat?offline=true` on the holder walked all its blocks (a pin whose block is missing is still
 * called pinned by every list; measured, Kubo 0.43). `read`: every block was hashed.
 */
export const copyLevels = ['allocated', 'pinned', 'complete', 'read'] as const
export const CopyLevel = z.enum(copyLevels)
export type CopyLevel = z.infer<typeof CopyLevel>

export const isAtLeast = (level: CopyLevel, least: CopyLevel): boolean =>
  copyLevels.indexOf(level) >= copyLevels.indexOf(least)
