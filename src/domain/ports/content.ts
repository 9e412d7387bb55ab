import type { KuboSettings } from '../daemons.ts'
import type { Kubo } from '../kubo.ts'

/** What we ask of one Kubo. Reads only. */
export interface Content {
  self(signal?: AbortSignal): Promise<Kubo>
  settings(signal?: AbortSignal): Promise<KuboSettings>
  /** The CIDs pinned recursively, as a stream. */
  pins(signal?: AbortSignal): AsyncIterable<string>
}
