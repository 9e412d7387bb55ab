import * as fc from 'fast-check'
import { Service } from '../../src/domain/daemons.ts'
import { PinStatus } from '../../src/domain/pinning.ts'
import { PinExceptionKind } from '../../src/domain/pins/pinset-summary.ts'
import { peerId, counter, storeName, instant, text, bytes, reading } from './arbitrary-values.ts'

const pinOnPeer = fc.record({
  cid: fc.constantFrom('bafy1', 'bafy2'),
  name: text,
  peer: peerId,
  status: fc.constantFrom(...PinStatus.options),
  error: text,
  attempts: fc.nat(9),
  since: fc.constant('2026-11-23T02:00:00Z'),
})
const exceptionsOf = fc.record({
  count: counter,
  lasting: counter,
  examples: fc.array(
    fc.record({
      kind: fc.constantFrom(...PinExceptionKind.options),
      cid: fc.constantFrom('bafy1', 'bafy2'),
      name: text,
      since: instant,
      reason: text,
    }),
    { maxLength: 3 },
  ),
})
const pinsetSummary = fc.record({
  peer: peerId,
  readAt: instant,
  took: fc.nat(1000),
  pins: counter,
  digest: fc.constantFrom('0'.repeat(32), '1'.repeat(32)),
  digestSince: instant,
  held: counter,
  copies: fc.record({ allocated: counter, pinned: counter, complete: counter, read: counter }),
  statuses: fc.dictionary(fc.constantFrom(...PinStatus.options), fc.nat()),
  exceptions: fc.dictionary(fc.constantFrom(...PinExceptionKind.options), exceptionsOf),
  unverified: fc.boolean(),
  walk: fc.record({ walked: counter, oldest: fc.option(instant) }),
  size: bytes,
})
export const storeObservation = fc.record({
  name: storeName,
  peer: fc.option(
    reading(
      fc.record({
        id: peerId,
        name: text,
        version: text,
        sees: fc.array(peerId, { maxLength: 3 }),
        seesSince: instant,
        addresses: fc.constant([]),
        error: text,
        kubo: fc.record({ id: text, error: text }),
      }),
    ),
  ),
  pins: fc.option(
    reading(
      fc.record({
        counts: fc.dictionary(fc.constantFrom(...PinStatus.options), fc.nat()),
        errors: fc.array(pinOnPeer, { maxLength: 12 }),
        spans: fc.dictionary(
          fc.constantFrom(...PinStatus.options),
          fc.record({
            oldest: fc.record({ cid: fc.constantFrom('bafy1', 'bafy2'), name: text, since: instant }),
            newest: instant,
          }),
        ),
      }),
    ),
  ),
  metrics: fc.option(
    reading(
      fc.record({
        names: fc.subarray(['freespace', 'ping', 'tag:tier']),
        own: fc.array(
          fc.record({ name: fc.constantFrom('freespace', 'ping', 'tag:tier'), value: text, seenAt: instant }),
          { maxLength: 3 },
        ),
      }),
    ),
  ),
  clusterSettings: fc.option(
    reading(
      fc.record({
        consensus: fc.constantFrom('crdt', 'raft'),
        disableRepinning: fc.boolean(),
        trustedPeers: fc.array(fc.oneof(peerId, fc.constant('*')), { maxLength: 3 }),
        allocateBy: fc.subarray(['freespace', 'tag:tier', 'reposize']),
        listens: fc.constant({ restApi: [], ipfsProxy: [], pinningApi: [] }),
        fromEnvironment: fc.subarray(['CLUSTER_DISABLEREPINNING', 'CLUSTER_CRDT_TRUSTEDPEERS']),
        mayBeOverridden: fc.boolean(),
      }),
    ),
  ),
  kuboSettings: fc.option(
    reading(
      fc.record({
        api: fc.constant([]),
        gateway: fc.constant([]),
        provideStrategy: fc.constantFrom(null, 'pinned', ''),
      }),
    ),
  ),
  kuboProcess: fc.option(reading(fc.record({ enableGc: fc.constantFrom(null, true, false), seen: text }))),
  exposure: fc.option(
    reading(
      fc.array(
        fc.record({
          service: fc.constantFrom(...Service.options),
          address: fc.constantFrom('0.0.0.0', '::', '192.0.2.7'),
          port: fc.constantFrom(5001, 9094),
          tls: fc.boolean(),
          answer: fc.constantFrom('open', 'refused', 'silent', 'not-asked'),
        }),
        { maxLength: 4 },
      ),
    ),
  ),
  kubo: fc.option(
    reading(
      fc.record({ id: text, version: text, addresses: fc.constant([]), repoSize: bytes, storageMax: fc.option(bytes) }),
    ),
  ),
  pinset: fc.option(reading(pinsetSummary)),
})
