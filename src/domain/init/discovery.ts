import { z } from 'zod'
import { Bytes } from '../units.ts'

const text = z.string().max(4096)

/** A Kubo or a Cluster peer that runs on a host, as far as it could be seen. */
export const FoundDaemon = z.object({
  kind: z.enum(['kubo', 'cluster']),
  /** The systemd unit it runs in; absent where it runs in none. */
  unit: text.optional(),
  /** The Kubo repository or the Cluster folder. */
  folder: text.optional(),
  /** The address at which it answers as what it is. */
  url: text.optional(),
  /** It answers, but wants credentials: then nothing else is known of it. */
  asksCredentials: z.boolean(),
  /** Its peer ID. */
  id: text.optional(),
  version: text.optional(),
  /** Cluster: the peers it sees. */
  sees: z.array(text).max(10_000).default([]),
  /** Cluster: the ID of the Kubo it works with. */
  kuboId: text.optional(),
  /** Cluster: from its service.json. */
  consensus: z.enum(['crdt', 'raft']).optional(),
  /** Cluster: its tag `tier`, from its service.json. */
  tier: text.optional(),
})
export type FoundDaemon = z.infer<typeof FoundDaemon>

/** What `tiercel init` sees on one host (`tiercel agent discover` prints it). */
export const HostDiscovery = z.object({
  apiVersion: z.literal(1),
  host: text,
  tiercelVersion: text,
  pools: z.array(z.object({ name: text, size: Bytes, health: text })).max(10_000),
  datasets: z
    .array(z.object({ name: text, mountpoint: text.nullable(), mounted: z.boolean().nullable() }))
    .max(100_000),
  daemons: z.array(FoundDaemon).max(1000),
  /** What could not be seen, and why, in sentences. */
  notes: z.array(text).max(1000),
})
export type HostDiscovery = z.infer<typeof HostDiscovery>
