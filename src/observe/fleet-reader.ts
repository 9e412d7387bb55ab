import type { FleetView } from '../domain/health/view.ts'

/** A fleet that can be looked at again and again, over connections that are kept. */
export interface FleetReader {
  /** All hosts side by side; none waits for a slow one longer than the deadline. Never rejects. */
  look(): Promise<FleetView>
  close(): Promise<void>
}
