import { z } from 'zod'
import { Instant } from './units.ts'

/** What decides about safety in the configuration of one Cluster peer (service.json). No secret is among it. */
export const ClusterSettings = z.object({
  consensus: z.enum(['crdt', 'raft']),
  /** false: when a peer falls silent, the others copy its pins at once. */
  disableRepinning: z.boolean(),
  /** `*`: every peer that knows the cluster secret. Empty with Raft, where it has no meaning. */
  trustedPeers: z.array(z.string()),
  /** Names of the metrics by which holders are chosen. */
  allocateBy: z.array(z.string()),
  /** Multiaddresses on which the peer's APIs listen; empty for an API that is switched off. */
  listens: z.object({
    restApi: z.array(z.string()),
    ipfsProxy: z.array(z.string()),
    pinningApi: z.array(z.string()),
  }),
  /** The names of those above that the environment of the unit sets: it overrides service.json without a word. */
  fromEnvironment: z.array(z.string()),
  /** Whether more may be overridden in places that were not read: files of the unit, or a unit that is not known. */
  mayBeOverridden: z.boolean(),
})
export type ClusterSettings = z.infer<typeof ClusterSettings>

/** The configuration of one Kubo, as far as safety hangs on it. */
export const KuboSettings = z.object({
  /** Multiaddresses. */
  api: z.array(z.string()),
  gateway: z.array(z.string()),
  /** `Provide.Strategy`, or `Reprovider.Strategy` before 0.39; null where none is set (`all`). */
  provideStrategy: z.string().nullable(),
})
export type KuboSettings = z.infer<typeof KuboSettings>

/** The process of one Kubo. */
export const KuboProcess = z.object({
  /** Whether it was started with `--enable-gc`; null when its command line cannot be seen. */
  enableGc: z.boolean().nullable(),
  /** Where that was seen, or why it cannot be. */
  seen: z.string(),
})
export type KuboProcess = z.infer<typeof KuboProcess>

export const Service = z.enum(['cluster-api', 'ipfs-proxy', 'pinning-api', 'kubo-rpc', 'kubo-gateway'])
export type Service = z.infer<typeof Service>

/** A service of a store that listens on an address which other machines may reach. */
export const Endpoint = z.object({
  service: Service,
  /** As it is bound: `0.0.0.0`, `192.0.2.7`, `::`. */
  address: z.string(),
  port: z.int(),
  tls: z.boolean(),
  /** What a harmless request without credentials got. `not-asked`: the service is made for everybody. */
  answer: z.enum(['open', 'refused', 'silent', 'not-asked']),
})
export type Endpoint = z.infer<typeof Endpoint>

/** What a peer announces of itself, as it hears itself: the allocator of the others hears the same. */
export const OwnMetrics = z.object({
  /** Every name that the peer has heard from anybody. */
  names: z.array(z.string()),
  /** What it last heard valid of itself. */
  own: z.array(z.object({ name: z.string(), value: z.string(), seenAt: Instant })),
})
export type OwnMetrics = z.infer<typeof OwnMetrics>
