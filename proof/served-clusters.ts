import { z } from 'zod'
import { createWorld } from '../src/sim/create-world.ts'
import type { World } from '../src/sim/world.ts'

/** What one process of simulated agents serves: clusters, each with hosts of its own, on sockets in a folder. */
export const ServedClusters = z.object({
  folder: z.string(),
  token: z.string(),
  clusters: z.array(z.object({ name: z.string(), seed: z.int(), hosts: z.array(z.string()), pins: z.int() })),
  /** Hosts whose sockets somebody else listens on. */
  silent: z.array(z.string()),
})
export type ServedClusters = z.infer<typeof ServedClusters>

/** The world of one cluster, under the cluster's own name: the same in every process that asks for it. */
export function worldOf({ name, seed, hosts, pins }: ServedClusters['clusters'][number], startAt: number): World {
  const world = createWorld({ seed, hosts, pins, startAt })
  for (const cluster of world.clusters) cluster.name = name
  for (const { stores } of world.hosts) for (const store of stores) store.cluster = name
  return world
}
