import type { KuboSettings } from '../daemons.ts'
import type { Kubo } from '../kubo.ts'

/** What we ask of one Kubo. Reads only. */
export interface Content {
  self(signal?: AbortSignal): Promise<Kubo>
  settings(signal?: AbortSignal): Promise<KuboSettings>
  /** The CIDs pinned recursively, as a stream. */
  pins(signal?: AbortSignal): AsyncIterable<string>
  /** Goes through all blocks of a pin, from this Kubo's own store alone. Rejects where that could not be done to its end. */
  complete(cid: string, signal?: AbortSignal): Promise<Completeness>
}

/** Whether a Kubo has every block of a pin. Lists, and even `pin verify`, say nothing of that (measured, Kubo 0.43). */
export type Completeness =
  | { state: 'complete'; blocks: number }
  /** The first block that is not there; others may be missing too. */
  | { state: 'incomplete'; missing: string }
