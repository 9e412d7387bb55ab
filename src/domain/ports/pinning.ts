import type { Metric, Peer, Pin, PinOnPeer, PinStatus } from '../pinning.ts'

/**
 * What we ask of one Cluster peer. Reads only. Lists stream: memory does not grow with the pinset, and a list that ended
 * early throws at its end instead of looking complete.
 */
export interface Pinning {
  self(signal?: AbortSignal): Promise<Peer>
  /** The peers with a valid ping, as this one sees them: in CRDT a dead peer is simply not there. */
  peers(signal?: AbortSignal): AsyncIterable<Peer>
  /** This peer's own copy of the pinset. */
  allocations(signal?: AbortSignal): AsyncIterable<Pin>
  /** Undefined when the pinset has no such pin. */
  allocation(cid: string, signal?: AbortSignal): Promise<Pin | undefined>
  /** The pins as this peer tracks them. Queue and error states are answered cheaply, without asking Kubo. */
  pins(filter: readonly PinStatus[], signal?: AbortSignal): AsyncIterable<PinOnPeer>
  /** The names of all metrics that this peer has heard, in no order. */
  metricNames(signal?: AbortSignal): Promise<string[]>
  metrics(name: string, signal?: AbortSignal): Promise<Metric[]>
}
