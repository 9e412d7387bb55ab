import { z } from 'zod'
import { type Metric, type Peer, type Pin, type PinOnPeer, PinStatus } from '../../domain/pinning.ts'
import { Int64 } from '../http/decode.ts'

// The JSON of the REST API of ipfs-cluster 1.1.6 (`api/types.go`; recorded answers in test/fixtures). Only what we use is
// named; other keys are accepted and left out. Any Go slice or map may be null.

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? [])

const dictionary = <T extends z.ZodType>(value: T) =>
  z
    .record(z.string(), value)
    .nullish()
    .transform((entries) => entries ?? {})

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '')

/** How Go writes "no time". */
const zeroTime = '0001-01-01T00:00:00Z'

/** An ID object: `GET /id`, and each item of `GET /peers`. */
export const WirePeer = z
  .object({
    id: z.string().min(1),
    peername: text,
    version: text,
    addresses: list(z.string()),
    cluster_peers: list(z.string()),
    error: text,
    ipfs: z.object({ id: text, error: text }).nullish(),
  })
  .transform((wire): Peer => ({
    id: wire.id,
    name: wire.peername,
    version: wire.version,
    sees: wire.cluster_peers,
    addresses: wire.addresses,
    error: wire.error,
    kubo: wire.ipfs ?? { id: '', error: '' },
  }))

/** A Pin: each item of `GET /allocations`, and `GET /allocations/{cid}`. */
export const WirePin = z
  .object({
    cid: z.string().min(1),
    name: text,
    type: z.string(),
    mode: z.enum(['recursive', 'direct']),
    allocations: list(z.string()),
    replication_factor_min: z.int(),
    replication_factor_max: z.int(),
    metadata: dictionary(z.string()),
    expire_at: text,
    timestamp: text,
  })
  .transform((wire): Pin => ({
    cid: wire.cid,
    name: wire.name,
    type: wire.type,
    mode: wire.mode,
    allocations: wire.allocations,
    replicationMin: wire.replication_factor_min,
    replicationMax: wire.replication_factor_max,
    metadata: wire.metadata,
    expiresAt: wire.expire_at === '' || wire.expire_at === zeroTime ? null : wire.expire_at,
    timestamp: wire.timestamp,
  }))

/** A GlobalPinInfo of one peer: each item of `GET /pins?local=true`. */
export const WirePinOnPeer = z
  .object({
    cid: z.string().min(1),
    name: text,
    peer_map: z.record(
      z.string(),
      z.object({ status: PinStatus, timestamp: text, error: text, attempt_count: z.int().nonnegative().default(0) }),
    ),
  })
  .transform((wire, context): PinOnPeer => {
    const [entry, ...others] = Object.entries(wire.peer_map)
    if (entry === undefined || others.length > 0) {
      context.addIssue({ code: 'custom', path: ['peer_map'], message: 'one peer was asked, so one entry is expected' })
      return z.NEVER
    }
    const [peer, info] = entry
    return {
      cid: wire.cid,
      name: wire.name,
      peer,
      status: info.status,
      error: info.error,
      attempts: info.attempt_count,
      since: info.timestamp,
    }
  })

/** The answer of `GET /monitor/metrics/{name}`. */
export const WireMetrics = list(
  z
    .object({ name: z.string(), peer: z.string(), value: text, valid: z.boolean(), expire: Int64, received_at: Int64 })
    .transform((wire): Metric => ({
      name: wire.name,
      peer: wire.peer,
      value: wire.value,
      valid: wire.valid,
      expire: wire.expire,
      receivedAt: wire.received_at,
    })),
)

/** How the API words an error. */
export const WireError = z.object({ code: z.int(), message: z.string() })
