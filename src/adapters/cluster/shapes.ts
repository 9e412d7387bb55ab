import { z } from 'zod'
import { type Metric, type Peer, type Pin, type PinOnPeer, PinStatus } from '../../domain/pinning.ts'
import { Int64 } from '../http/decode.ts'

// The JSON of the REST API of ipfs-cluster 1.1.6 (`api/types.go`; recorded answers in test/fixtures). Only what we use is
// named; other keys are accepted and left out. Any Go slice or map may be null.

const texts = z.array(z.string()).nullish()
const text = z.string().nullish()

/** How Go writes "no time". */
const zeroTime = '0001-01-01T00:00:00Z'

/** An ID object: `GET /id`, and each item of `GET /peers`. */
export const WirePeer = z
  .object({
    id: z.string().min(1),
    peername: text,
    version: text,
    addresses: texts,
    cluster_peers: texts,
    error: text,
    ipfs: z.object({ id: text, error: text }).nullish(),
  })
  .transform((wire): Peer => {
    return {
      id: wire.id,
      name: wire.peername ?? '',
      version: wire.version ?? '',
      sees: wire.cluster_peers ?? [],
      addresses: wire.addresses ?? [],
      error: wire.error ?? '',
      // With Kubo dead there is an error and no id.
      kubo: { id: wire.ipfs?.id ?? '', error: wire.ipfs?.error ?? '' },
    }
  })

/** A Pin: each item of `GET /allocations`, and `GET /allocations/{cid}`. */
export const WirePin = z
  .object({
    cid: z.string().min(1),
    name: text,
    type: z.string(),
    mode: z.enum(['recursive', 'direct']),
    allocations: texts,
    replication_factor_min: z.int(),
    replication_factor_max: z.int(),
    metadata: z.record(z.string(), z.string()).nullish(),
    expire_at: z.string(),
    timestamp: z.string(),
  })
  .transform((wire): Pin => {
    return {
      cid: wire.cid,
      name: wire.name ?? '',
      type: wire.type,
      mode: wire.mode,
      allocations: wire.allocations ?? [],
      replicationMin: wire.replication_factor_min,
      replicationMax: wire.replication_factor_max,
      metadata: wire.metadata ?? {},
      expiresAt: wire.expire_at === zeroTime ? null : wire.expire_at,
      timestamp: wire.timestamp,
    }
  })

const PinInfo = z.object({
  status: PinStatus,
  timestamp: z.string(),
  error: text,
  attempt_count: z.int().nonnegative(),
})

/** A GlobalPinInfo of one peer: each item of `GET /pins?local=true`. */
export const WirePinOnPeer = z
  .object({ cid: z.string().min(1), name: text, peer_map: z.record(z.string(), PinInfo) })
  .transform((wire, context): PinOnPeer => {
    const [entry, ...others] = Object.entries(wire.peer_map)
    if (entry === undefined || others.length > 0) {
      context.addIssue({ code: 'custom', path: ['peer_map'], message: 'one peer was asked, so one entry is expected' })
      return z.NEVER
    }
    const [peer, info] = entry
    return {
      cid: wire.cid,
      name: wire.name ?? '',
      peer,
      status: info.status,
      error: info.error ?? '',
      attempts: info.attempt_count,
      since: info.timestamp,
    }
  })

/** The answer of `GET /monitor/metrics`: in another order each time. */
export const WireMetricNames = z
  .array(z.string())
  .nullable()
  .transform((names) => names ?? [])

/** The answer of `GET /monitor/metrics/{name}`. */
export const WireMetrics = z
  .array(
    z.object({
      name: z.string(),
      peer: z.string(),
      value: text,
      valid: z.boolean(),
      expire: Int64,
      received_at: Int64,
    }),
  )
  .nullable()
  .transform((wire): Metric[] =>
    (wire ?? []).map(({ name, peer, value, valid, expire, received_at: receivedAt }) => {
      return { name, peer, value: value ?? '', valid, expire, receivedAt }
    }),
  )

/** How the API words an error. */
export const WireError = z.object({ code: z.int(), message: z.string() })
