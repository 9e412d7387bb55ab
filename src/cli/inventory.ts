import type { FleetView } from '../domain/health/view.ts'
import type { Reading, ZfsObservation } from '../domain/observation.ts'

/** One thing of the fleet, as lists and `show` present it. */
export interface Item {
  /** What `show` takes: `n1`, `n1/hot`, `n1/hot-tier`, `n1/hot-tier/ipfs-cluster/kubo`. */
  id: string
  cells: readonly string[]
  /** All that is known, for `show` and `--json`. */
  detail: Record<string, unknown>
}

/** A kind of thing that can be listed. */
export interface Noun {
  plural: string
  singular: string
  description: string
  /** An id that examples use. */
  example: string
  header: readonly string[]
  items(view: FleetView): Item[]
  /** The look at ZFS that the list rests on: where it has never succeeded, the list of that host is missing, not empty. */
  restsOn?: (zfs: ZfsObservation) => Reading<unknown>
}
