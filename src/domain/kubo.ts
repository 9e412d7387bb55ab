import { z } from 'zod'
import { Bytes } from './units.ts'

/** One Kubo, as its RPC API describes it. */
export const Kubo = z.object({
  id: z.string(),
  version: z.string(),
  addresses: z.array(z.string()),
  /** `repo/stat?size-only=true`: logical bytes, an estimate, not what ZFS allocates. */
  repoSize: Bytes,
  /** Kubo's own ceiling, which it does not enforce for pins. */
  storageMax: Bytes.nullable(),
})
export type Kubo = z.infer<typeof Kubo>
