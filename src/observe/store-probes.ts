import type { StoreObservation } from '../domain/observation.ts'
import type { Clock } from '../domain/ports/clock.ts'
import type { StorePorts } from '../domain/ports/host.ts'
import type { ProbeTiming } from '../domain/probe.ts'
import { lookAtMetrics } from './look-at-metrics.ts'
import { lookAtPeer } from './look-at-peer.ts'
import { inTrouble, lookAtPins } from './look-at-pins.ts'
import { createProbe, type ProbesOf } from './probe.ts'

/** What is looked at of one store: its Cluster peer, its Kubo, and the index of its pins. */
export function storeProbes(
  { declaration, pinning, content, daemons, pinIndex }: StorePorts,
  timing: ProbeTiming,
  clock: Clock,
): ProbesOf<Omit<StoreObservation, 'name'>> {
  return {
    peer:
      pinning &&
      createProbe({
        source: `GET /id (Cluster of ${declaration.name})`,
        timing: timing.cluster,
        clock,
        look: lookAtPeer(pinning, clock),
      }),
    pins:
      pinning &&
      createProbe({
        source: `GET /pins?local=true&filter=${inTrouble.join(',')} (Cluster of ${declaration.name})`,
        timing: timing.pins,
        clock,
        look: lookAtPins(pinning),
      }),
    metrics:
      pinning &&
      createProbe({
        source: `GET /monitor/metrics (Cluster of ${declaration.name})`,
        timing: timing.metrics,
        clock,
        look: lookAtMetrics(pinning, clock),
      }),
    clusterSettings:
      daemons.clusterSettings &&
      createProbe({
        source: `service.json and environment (Cluster of ${declaration.name})`,
        timing: timing.settings,
        clock,
        look: daemons.clusterSettings,
      }),
    kuboSettings:
      content &&
      createProbe({
        source: `POST /api/v0/config (Kubo of ${declaration.name})`,
        timing: timing.settings,
        clock,
        look: (signal) => content.settings(signal),
      }),
    kuboProcess:
      content &&
      createProbe({
        source: `/proc/PID/cmdline (Kubo of ${declaration.name})`,
        timing: timing.settings,
        clock,
        look: (signal) => daemons.kuboProcess(signal),
      }),
    exposure:
      pinning || content
        ? createProbe({
            source: `/proc/net/tcp, and requests to this host (${declaration.name})`,
            timing: timing.settings,
            clock,
            look: (signal) => daemons.exposure(signal),
          })
        : undefined,
    kubo:
      content &&
      createProbe({
        source: `POST /api/v0/id (Kubo of ${declaration.name})`,
        timing: timing.kubo,
        clock,
        look: (signal) => content.self(signal),
      }),
    pinset:
      pinIndex &&
      createProbe({
        source: `pin index of ${declaration.name} (GET /allocations, GET /pins?local=true, Kubo pin/ls)`,
        timing: timing.pinset,
        clock,
        look: (signal) => pinIndex.summary(signal),
      }),
  }
}
