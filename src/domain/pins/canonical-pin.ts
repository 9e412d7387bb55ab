import type { Pin } from '../pinning.ts'
import { epochSeconds } from './rfc3339.ts'

/**
 * One pin as a text that is the same on every peer that has the same pin, for hashing. Holders and metadata are sorted, since a
 * peer lists them in any order; what Go writes as null or [] is one. Times are seconds since 1970, since a peer writes them in
 * its own time zone.
 *
 * `timestamp` is in it: a peer stores the moment of the last write beside the pin, and after convergence all have the same
 * (ipfs-cluster 1.1.6 replicates the whole value). So a write that a peer has missed shows even where its options are equal.
 */
export function canonicalPin(pin: Pin): string {
  const { cid, name, type, mode, allocations, replicationMin, replicationMax, metadata, expiresAt, timestamp } = pin
  const holders = allocations.length < 2 ? allocations.join(',') : allocations.toSorted().join(',')
  const times = `${expiresAt === null ? '' : epochSeconds(expiresAt)} ${epochSeconds(timestamp)}`
  const keys = Object.keys(metadata)
  // Names and metadata hold anything: JSON keeps them apart from what stands beside them.
  const texts =
    keys.length === 0
      ? JSON.stringify(name)
      : JSON.stringify([name, ...keys.toSorted().flatMap((key) => [key, metadata[key]])])
  return `${cid} ${type} ${mode} ${replicationMin} ${replicationMax} ${holders} ${times} ${texts}`
}
