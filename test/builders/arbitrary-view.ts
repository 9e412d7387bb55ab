import * as fc from 'fast-check'
import { Service } from '../../src/domain/daemons.ts'
import { Fleet, LocalStore } from '../../src/domain/fleet.ts'
import type { FleetView } from '../../src/domain/health/view.ts'
import { HostObservation, type Reading, Trouble } from '../../src/domain/observation.ts'
import { PinStatus } from '../../src/domain/pinning.ts'
import { PinExceptionKind } from '../../src/domain/pins/pinset-summary.ts'
import { PoolState, type PoolStatus, type Vdev, VdevKind, VdevState } from '../../src/domain/pool-status.ts'
import { milliseconds, Share } from '../../src/domain/units.ts'
import { bench, now, peerIdOf, trouble as troubleOf } from './fleet-view.ts'

/** Few names, so that the parts of a view meet each other; one with blanks, and one that every object knows. */
const poolName = fc.constantFrom('hot-tier', 'cold tier', 'constructor')
const storeName = fc.constantFrom('hot', 'cold')
const peerId = fc.constantFrom(...[1, 2, 3].map((number) => peerIdOf(number)))
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 3 })
const text = fc.constantFrom('', 'was /dev/sdb1', '(resilvering)', 'too many errors', 'line\nline', 'é\u0000')
const counter = fc.oneof(fc.constantFrom(0, 1, 17), fc.nat(), fc.constant(Number.MAX_SAFE_INTEGER))
const bytes = fc.oneof(fc.constantFrom(0, 1), fc.maxSafeNat())
const share = fc
  .oneof(fc.constantFrom(0, 0.8, 0.9, 1), fc.double({ min: 0, max: 1, noNaN: true }))
  .map((value) => Share.parse(value))
/** Mostly shortly before now; also long ago, and in the future. */
const instant = fc.oneof(fc.integer({ min: now - 100_000, max: now }), fc.integer({ min: now - 1e11, max: now + 1e9 }))

const trouble: fc.Arbitrary<Trouble> = fc
  .record({
    kind: fc.constantFrom(...Trouble.shape.kind.options),
    message: text,
    hint: optional(text),
    raw: optional(text),
    since: instant,
    at: instant,
  })
  .map((value) => Trouble.parse(withoutUndefined(value)))

const reading = <T>(value: fc.Arbitrary<T>) =>
  fc.record({
    source: fc.constantFrom('zpool list', 'GET /id'),
    every: fc.constantFrom(5000, 30_000),
    deadline: fc.constantFrom(2000, 20_000),
    last: fc.option(fc.record({ value, at: instant, took: fc.nat(1000) }), { freq: 4 }),
    trouble: fc.option(trouble, { nil: null, freq: 1 }),
  })

const row = {
  name: fc.constantFrom('sda', 'sdb', '/dev/disk/by-id/x y', '1234567890'),
  kind: fc.constantFrom(...VdevKind.options),
  state: fc.oneof(fc.constant('ONLINE' as const), fc.constantFrom(...VdevState.options)),
  readErrors: fc.option(counter),
  writeErrors: fc.option(counter),
  checksumErrors: fc.option(counter),
  note: text,
}
const { vdev } = fc.letrec<{ vdev: Vdev }>((tie) => ({
  vdev: fc.record({
    ...row,
    name: fc.oneof(row.name, fc.constantFrom('mirror-0', 'raidz2-0', 'draid1:2d:4c:1s-0', 'replacing-1')),
    children: fc.oneof({ maxDepth: 2 }, fc.constant<Vdev[]>([]), fc.array(tie('vdev'), { maxLength: 3 })),
  }),
}))

const scan = fc.record({
  kind: fc.constantFrom('scrub', 'resilver', 'rebuild', 'error-scrub'),
  state: fc.constantFrom('in-progress', 'paused', 'finished', 'canceled'),
  startedAt: optional(instant),
  endedAt: optional(instant),
  pausedAt: optional(instant),
  share: optional(share),
  errors: fc.option(counter),
})

const poolState = fc.oneof(fc.constant('ONLINE' as const), fc.constantFrom(...PoolState.options))
const vdevs = fc.array(vdev, { maxLength: 2 })
const poolStatus = fc.record({
  name: poolName,
  state: poolState,
  statusText: optional(text),
  messageId: optional(fc.constantFrom('ZFS-8000-8A', 'ZFS-8000-9P')),
  scans: fc.array(scan, { maxLength: 3 }),
  vdevs: fc.record({ data: vdevs, special: vdevs, dedup: vdevs, log: vdevs, cache: vdevs, spare: vdevs }),
  root: fc.record({ ...row, state: fc.oneof(poolState, row.state) }),
  dataErrors: fc.record({ count: fc.option(counter), paths: fc.array(text, { maxLength: 12 }) }),
  otherSections: fc.constant([]),
})

const pool = fc.record({
  name: poolName,
  guid: fc.constant('1'),
  size: bytes,
  allocated: bytes,
  free: bytes,
  capacity: share,
  fragmentation: fc.option(share),
  health: poolState,
  readonly: fc.boolean(),
  vdevs: fc.array(
    fc.record({
      name: fc.constantFrom('mirror-0', 'mirror-2', '/dev/disk/by-id/x y'),
      class: fc.constantFrom('data', 'special', 'dedup', 'log'),
      size: bytes,
      allocated: bytes,
      free: bytes,
      fragmentation: fc.option(share),
    }),
    { maxLength: 2 },
  ),
})
const dataset = fc.record({
  name: fc.oneof(
    poolName,
    poolName.map((name) => `${name}/ipfs-cluster`),
  ),
  guid: fc.constant('2'),
  type: fc.constantFrom('filesystem', 'volume'),
  used: bytes,
  available: bytes,
  referenced: bytes,
  quota: fc.option(bytes),
  refquota: fc.option(bytes),
  usedBySnapshots: bytes,
  mountpoint: fc.option(fc.constantFrom('none', 'legacy', '/hot')),
  mounted: fc.option(fc.boolean()),
  canmount: fc.option(fc.constantFrom('on', 'off', 'noauto')),
  keyStatus: fc.option(fc.constantFrom('available', 'unavailable')),
  encryptionRoot: fc.option(poolName),
})
const arcSample = fc.record({
  hits: counter,
  misses: counter,
  iohits: counter,
  size: bytes,
  target: bytes,
  minimum: bytes,
  maximum: bytes,
})
const zfs = fc.record({
  version: reading(fc.constant({ userland: '2.1.11', module: null, features: { json: false, vdevProperties: false } })),
  privileges: reading(fc.constant({ by: 'executor' })),
  poolStates: reading(fc.dictionary(poolName, poolState)),
  poolStatus: reading(fc.uniqueArray(poolStatus, { maxLength: 3, selector: ({ name }) => name })),
  pools: reading(fc.uniqueArray(pool, { maxLength: 3, selector: ({ name }) => name })),
  datasets: reading(
    fc.record({
      kept: fc.uniqueArray(dataset, { maxLength: 4, selector: ({ name }) => name }),
      total: fc.nat(),
      cutBelow: fc.array(poolName, { maxLength: 1 }),
    }),
  ),
  errorHistory: reading(
    fc.record({
      samples: fc.array(
        fc.record({
          at: instant,
          counts: fc.dictionary(
            fc.constantFrom('hot-tier/sda', 'cold tier/sdb'),
            fc.record({ errors: counter, slowIos: counter }),
          ),
        }),
        { maxLength: 4 },
      ),
    }),
  ),
  arc: reading(fc.record({ before: arcSample, after: arcSample, apart: fc.constantFrom(0, 1000, 5000) })),
})

const devices = () =>
  fc.dictionary(
    fc.constantFrom('sda', 'sda1', 'sdb'),
    fc.record({
      readsPerSecond: fc.constantFrom(0, 1, 500),
      writesPerSecond: fc.constantFrom(0, 0.01, 500),
      readBytesPerSecond: bytes,
      writtenBytesPerSecond: bytes,
      readLatency: fc.option(fc.constantFrom(0, 1, 90, 9000)),
      writeLatency: fc.option(fc.constantFrom(0, 1, 90, 9000)),
      busy: share,
    }),
  )
const smartReport = () =>
  fc.record({
    disk: fc.constantFrom('sda', 'sdb', 'sdz'),
    state: fc.constantFrom('read', 'read', 'unsupported', 'standby', 'unreadable'),
    message: text,
    protocol: fc.constantFrom('ata', 'nvme', 'scsi', 'unknown'),
    model: fc.constantFrom('M', 'QEMU HARDDISK'),
    serial: text,
    passed: fc.option(fc.boolean()),
    temperature: fc.option(fc.integer({ min: -20, max: 90 })),
    powerOnHours: fc.option(counter),
    reallocated: fc.option(counter),
    reported: fc.option(counter),
    pending: fc.option(counter),
    uncorrectable: fc.option(counter),
    crc: fc.option(counter),
    failingNow: fc.array(text, { maxLength: 2 }),
    nvme: fc.option(
      fc.record({
        criticalWarning: fc.nat(255),
        mediaErrors: counter,
        spare: share,
        spareThreshold: share,
        used: fc.constantFrom(0, 0.9, 1.2),
      }),
    ),
  })

const machine = fc.record({
  facts: reading(
    fc.record({
      kernel: fc.constantFrom('6.1.0-41-amd64', '6.12.1'),
      bootedAt: instant,
      userNamespaces: fc.constantFrom(null, true, false),
      memory: fc.record({ total: bytes, available: bytes }),
    }),
  ),
  services: reading(
    fc.record({
      manager: fc.constantFrom('systemd', 'none'),
      units: fc.array(
        fc.record({
          name: fc.constantFrom('ipfs@hot.service', 'cluster.service', 'zfs-zed.service'),
          load: fc.constantFrom('loaded', 'not-found', 'masked'),
          active: fc.constantFrom('active', 'inactive', 'failed', 'activating'),
          sub: fc.constantFrom('running', 'dead', 'auto-restart'),
          result: fc.constantFrom('', 'success', 'oom-kill'),
          restarts: fc.option(fc.nat()),
        }),
        { maxLength: 3 },
      ),
      zed: fc.option(fc.boolean()),
    }),
  ),
  installed: reading(
    fc.record({
      kernels: fc.array(
        fc.record({ release: fc.constantFrom('6.1.0-41-amd64', '6.1.0-100-amd64', 'x'), hasZfs: fc.boolean() }),
        { maxLength: 3 },
      ),
      schedulers: fc.array(
        fc.record({
          name: fc.constantFrom('zfsutils-linux', 'sanoid'),
          place: text,
          does: fc.subarray(['scrub', 'trim', 'snapshot', 'replicate', 'other'], { minLength: 1 }),
        }),
        { maxLength: 3 },
      ),
      hostId: fc.option(fc.constantFrom('9f2a1c07', '00000001')),
    }),
  ),
  disks: reading(
    fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('sda', 'sdb'),
        model: text,
        serial: text,
        size: bytes,
        rotational: fc.option(fc.boolean()),
        partitions: fc.constant(['sda1']),
        links: fc.constantFrom({}, { 'disk/by-id/x y': 'sdb' }),
      }),
      { maxLength: 2, selector: ({ name }) => name },
    ),
  ),
  io: reading(
    fc.record({
      recent: fc.record({ apart: fc.constantFrom(1000, 5000), devices: devices() }),
      window: fc.option(fc.record({ apart: fc.constantFrom(60_000, 600_000), devices: devices() })),
    }),
  ),
  smart: fc.option(
    reading(
      fc.record({
        missing: fc.option(text, { freq: 1 }),
        reports: fc.array(smartReport(), { maxLength: 3 }),
        first: fc.dictionary(
          fc.constantFrom('sda', 'sdb'),
          fc.record({ reallocated: fc.option(counter), crc: fc.option(counter) }),
        ),
      }),
    ),
  ),
  filesystems: reading(
    fc.array(
      fc.record({
        mountpoint: fc.constantFrom('/', '/var'),
        type: fc.constant('ext4'),
        inodes: fc.record({ total: fc.nat(), free: fc.nat() }),
      }),
      { maxLength: 2 },
    ),
  ),
  boot: reading(
    fc.record({
      id: fc.constant('b'),
      previous: fc.option(
        fc.record({ id: fc.constant('a'), ended: fc.constantFrom('clean', 'unclean', 'unknown'), seenAt: instant }),
      ),
    }),
  ),
})

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
const storeObservation = fc.record({
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

const localStore = fc
  .record({
    name: storeName,
    tier: fc.constantFrom('hot', 'cold'),
    cluster: fc.constantFrom('main', 'other'),
    pool: optional(poolName),
    clusterApi: optional(fc.constant('http://127.0.0.1:9094')),
    units: optional(fc.constant({ cluster: 'cluster.service', kubo: 'ipfs@hot.service' })),
  })
  .chain((store) =>
    fc.boolean().map((onDataset) =>
      withoutUndefined({
        ...store,
        dataset: onDataset && store.pool !== undefined ? `${store.pool}/ipfs-cluster` : undefined,
      }),
    ),
  )
const storesOf = <T extends { name?: unknown }>(store: fc.Arbitrary<T>) =>
  fc.uniqueArray(store, { maxLength: 2, selector: ({ name }) => name })

const observation = fc
  .record({
    apiVersion: fc.constant(1),
    host: fc.constantFrom('n1', 'n2'),
    tiercelVersion: fc.constant('0.1.0'),
    startedAt: fc.constant(now - 1e9),
    answeredAt: fc.constant(now),
    stores: storesOf(localStore).map((stores) => stores.map((store) => LocalStore.parse(store))),
    machine,
    zfs: fc.option(zfs),
    storeObservations: storesOf(storeObservation),
  })
  // What adapters may give is what the schema takes: so that nothing impossible is tried, and all of it has its brands.
  .map((value) => HostObservation.parse(throughJson(value)))

/** Any fleet of two hosts, with whatever they may say: contradictions, old looks and troubles of all kinds. */
export const fleetView: fc.Arbitrary<FleetView> = fc
  .record({
    stores: fc.tuple(storesOf(localStore), storesOf(localStore)),
    peers: fc.boolean(),
    observations: fc.tuple(fc.option(observation, { freq: 6 }), fc.option(observation, { freq: 6 })),
  })
  .map(({ stores, peers, observations }) => {
    const fleet = Fleet.parse({
      apiVersion: 1,
      clusters: [{ name: 'main', peers: peers ? [{ id: peerIdOf(3), name: 'archive' }] : [] }, { name: 'other' }],
      tiers: [{ name: 'hot' }, { name: 'cold', poolFill: { warning: '50%', critical: '60%' } }],
      hosts: stores.map((some, index) => ({
        name: `n${index + 1}`,
        address: 'local',
        stores: some.map(({ units: _local, ...store }, at) =>
          peers && at === 0 ? { ...store, peer: peerIdOf(index + 1) } : store,
        ),
      })),
    })
    return {
      at: now,
      fleet,
      hosts: fleet.hosts.map((declaration, index) => {
        const seen = observations[index] ?? null
        return {
          declaration,
          contact:
            seen === null
              ? { state: 'unreachable', error: 'connection refused', at: now }
              : { state: 'answered', observation: seen, receivedAt: now, took: milliseconds(1) },
        }
      }),
    }
  })

/**
 * The healthy bench with a few flaws, often none: here one more flaw is seen, which in {@link fleetView} would drown
 * among many.
 */
export const flawedBench: fc.Arbitrary<FleetView> = fc
  .record({
    sda: fc.constantFrom<VdevState[]>('ONLINE', 'ONLINE', 'ONLINE', 'DEGRADED', 'OFFLINE', 'REMOVED'),
    errors: fc.constantFrom(0, 0, 0, 3),
    state: fc.constantFrom<PoolState[]>('ONLINE', 'ONLINE', 'ONLINE', 'DEGRADED'),
    dataErrors: fc.constantFrom(0, 0, 0, 0, null, 2),
    capacity: fc.constantFrom(0.4, 0.4, 0.85, 0.95).map((value) => Share.parse(value)),
    scrubbed: fc.constantFrom(true, true, false),
    privileged: fc.constantFrom(true, true, false),
    note: fc.constantFrom('', '', '(resilvering)'),
    spare: fc.constantFrom<VdevState[]>('AVAIL', 'INUSE', 'ONLINE', 'UNAVAIL'),
  })
  .map((flaws) => {
    const { view, n1 } = bench()
    n1.sda.state = flaws.sda
    n1.sda.note = flaws.note
    n1.sdb.checksumErrors = flaws.errors
    n1.status.state = flaws.state
    n1.status.dataErrors.count = flaws.dataErrors
    n1.status.vdevs.spare = [{ ...n1.sdb, name: 'spare', state: flaws.spare }]
    for (const one of n1.zfs.pools.last?.value ?? []) one.capacity = flaws.capacity
    if (!flaws.scrubbed) n1.status.scans = []
    if (!flaws.privileged) n1.zfs.privileges.trouble = troubleOf('not-permitted')
    return view
  })

/** Every reading of a view, to be changed in place. */
export function readingsOf(view: FleetView): Reading<unknown>[] {
  return view.hosts.flatMap(({ contact }) => {
    if (contact.state !== 'answered') return []
    const { machine: ofMachine, zfs: ofZfs, storeObservations } = contact.observation
    return [
      ...Object.values(ofMachine).filter((one) => one !== null),
      ...(ofZfs === null ? [] : Object.values(ofZfs)),
      ...storeObservations.flatMap(({ name: _name, ...readings }) =>
        Object.values(readings).filter((one) => one !== null),
      ),
    ]
  })
}

/** The `zpool status` of every pool of a view, to be changed in place. */
export function statusesOf(view: FleetView): PoolStatus[] {
  return view.hosts.flatMap(({ contact }) =>
    contact.state === 'answered' ? (contact.observation.zfs?.poolStatus.last?.value ?? []) : [],
  )
}

const withoutUndefined = (value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined))

/** As it comes from the wire: without what is undefined. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
