import { z } from 'zod'
import { Instant } from './units.ts'

/** One Cluster peer, as it or another peer describes it (`GET /id`, `GET /peers`). */
export const Peer = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  /** The IDs of the peers that this one sees, itself included. */
  sees: z.array(z.string()),
  addresses: z.array(z.string()),
  /** What the Cluster says of itself when something is wrong; empty when nothing. */
  error: z.string(),
  /** The Kubo behind it, as the Cluster sees it; `error` is empty when it answers. */
  kubo: z.object({ id: z.string(), error: z.string() }),
})
export type Peer = z.infer<typeof Peer>

/** A peer as its agent has seen it over a while. */
export const ObservedPeer = Peer.extend({
  /** Since when it has seen just these peers, as far as its agent knows. */
  seesSince: Instant,
})
export type ObservedPeer = z.infer<typeof ObservedPeer>

/** The state of one pin on one peer (ipfs-cluster 1.1.6, `api/types.go` TrackerStatus). */
export const PinStatus = z.enum([
  'undefined',
  'cluster_error',
  'pin_error',
  'unpin_error',
  'pinned',
  'pinning',
  'unpinning',
  'unpinned',
  'remote',
  'pin_queued',
  'unpin_queued',
  'sharded',
  'unexpectedly_unpinned',
])
export type PinStatus = z.infer<typeof PinStatus>

/** One pin on one peer (`GET /pins?local=true`). */
export const PinOnPeer = z.object({
  cid: z.string(),
  name: z.string(),
  peer: z.string(),
  status: PinStatus,
  /** Why, as the peer words it; empty when nothing is wrong. */
  error: z.string(),
  attempts: z.int().nonnegative(),
  /** RFC 3339: whole seconds when Kubo was asked, nanoseconds when it is the time of an operation. */
  since: z.string(),
})
export type PinOnPeer = z.infer<typeof PinOnPeer>

/** One entry of the pinset (`GET /allocations`): what is promised, and by which peers. */
export const Pin = z.object({
  cid: z.string(),
  name: z.string(),
  type: z.string(),
  mode: z.enum(['recursive', 'direct']),
  /** Holders; empty when the pin goes to every peer (−1). */
  allocations: z.array(z.string()),
  replicationMin: z.int(),
  replicationMax: z.int(),
  metadata: z.record(z.string(), z.string()),
  expiresAt: z.string().nullable(),
  timestamp: z.string(),
})
export type Pin = z.infer<typeof Pin>

/** One value that a peer announces about itself (`GET /monitor/metrics/NAME`). */
export const Metric = z.object({
  name: z.string(),
  peer: z.string(),
  value: z.string(),
  valid: z.boolean(),
  /** Nanoseconds since 1970, exact; beyond what a JavaScript number holds. */
  expire: z.bigint(),
  receivedAt: z.bigint(),
})
export type Metric = z.infer<typeof Metric>

/** What waits, runs or has failed on one peer, by state, with the first few in error. */
export const PinTrouble = z.object({
  counts: z.partialRecord(PinStatus, z.int().nonnegative()),
  /** At most {@link maxPinExamples}, those in error. */
  errors: z.array(PinOnPeer),
  /** For each state, the pin that has been in it longest, and when the last one came into it. */
  spans: z.partialRecord(
    PinStatus,
    z.object({ oldest: z.object({ cid: z.string(), name: z.string(), since: Instant }), newest: Instant }),
  ),
})
export type PinTrouble = z.infer<typeof PinTrouble>

/** How many pins in error an observation carries by name; the rest is counted. */
export const maxPinExamples = 20
