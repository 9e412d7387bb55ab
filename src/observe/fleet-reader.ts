import type { Contact, FleetView } from '../domain/health/view.ts'
import type { PinIndex } from '../domain/ports/pin-index.ts'
import type { AskPlacement, PlacementSources } from './placement.ts'

/** The hosts of a fleet, each asked by itself. */
export interface HostsReader extends PlacementSources {
  /** What one host's agent says now. Never rejects. */
  contact(host: string): Promise<Contact>
  close(): Promise<void>
}

/** A fleet that can be looked at again and again, over connections that are kept. */
export interface FleetReader {
  /** All hosts side by side; none waits for a slow one longer than the deadline. Never rejects. */
  look(): Promise<FleetView>
  /** The pin index of one store of a host. Its answers reject where nobody keeps one. */
  pins(host: string, store: string): PinIndex
  /** What the pin index of one store says to a question about its pinset. */
  placement: AskPlacement
  close(): Promise<void>
}
