import { z } from 'zod'

/** Pins that have the same holders and the same wish: what placement is judged by. A pinset of millions has few of them. */
export const PinGroup = z.object({
  /** Peer IDs of the holders, sorted; `everywhere` for −1: every declared peer of the cluster. */
  holders: z.union([z.array(z.string()), z.literal('everywhere')]),
  /** −1 where the pin goes everywhere. */
  replicationMin: z.int(),
  replicationMax: z.int(),
  pins: z.int().nonnegative(),
})
export type PinGroup = z.infer<typeof PinGroup>
