import type { FleetView } from '../domain/health/view.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { PinIndex } from '../domain/ports/pin-index.ts'
import type { Pool } from '../domain/pool.ts'
import type { PoolState, PoolStatus } from '../domain/pool-status.ts'

/** What procedures see of the world, and the one way by which they change it. Implementations: the controller over agents, and the simulator. */
export interface World {
  /** The fleet as its agents last saw it, from memory: for planning. Ages are in it. */
  view(signal: AbortSignal): Promise<FleetView>
  /** A host by its name in the fleet file. Throws `UnknownHost` for another. */
  host(name: string): WorldHost
  /** The pin index of one store of a host. Its answers reject where nobody keeps one. */
  pins(host: string, store: string): PinIndex
  /** How many pins two stores (`n1/hot`) share; undefined where no index tells. */
  sharedPins(one: string, other: string, signal: AbortSignal): Promise<number | undefined>
}

/** One host, looked at now: nothing here comes from an old observation. Each rejects where it cannot be seen. */
export interface WorldHost {
  name: string
  poolStatus(signal: AbortSignal): Promise<PoolStatus[]>
  pools(signal: AbortSignal): Promise<Pool[]>
  /** From kstats: answers also while every `zpool` hangs. */
  poolStates(signal: AbortSignal): Promise<Record<string, PoolState>>
  /** Marks that `practice` has left here, with the operation that left each. */
  practiceMarks(signal: AbortSignal): Promise<PracticeMark[]>
  /** Time on the host's clock. */
  changes: Changes
}

export interface PracticeMark {
  mark: string
  /** The id of the operation that left it. */
  operation: string
}
