import type { FleetView } from '../domain/health/view.ts'
import type { Changes } from '../domain/ports/changes.ts'
import type { PinIndex } from '../domain/ports/pin-index.ts'
import type { LookNow } from '../observe/looks.ts'
import type { AskPlacement } from '../observe/placement.ts'

/** What procedures see of the world, and the one way by which they change it. Implementations: the controller over agents, and the simulator. */
export interface World {
  /** The fleet as its agents last saw it, from memory: for planning. Ages are in it. */
  view(signal: AbortSignal): Promise<FleetView>
  /** A host by its name in the fleet file. Throws `UnknownHost` for another. */
  host(name: string): WorldHost
  /** The pin index of one store of a host. Its answers reject where nobody keeps one. */
  pins(host: string, store: string): PinIndex
  /** What the pin index of one store says to a question about its pinset. */
  placement: AskPlacement
}

/** One host: nothing here comes from an old observation. */
export interface WorldHost {
  name: string
  /** What there is to look at: `src/observe/looks.ts`. */
  look: LookNow
  /** Time on the host's clock. */
  changes: Changes
}
