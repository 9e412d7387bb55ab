import type { Endpoint } from '../../src/domain/daemons.ts'
import { Fleet, LocalStore } from '../../src/domain/fleet.ts'
import type { FleetView } from '../../src/domain/health/view.ts'
import type { PinsetSummary } from '../../src/domain/pins/pinset-summary.ts'
import { dataset } from './dataset.ts'
import type {
  HostObservation,
  MachineObservation,
  StoreObservation,
  ZfsObservation,
} from '../../src/domain/observation.ts'
import type { PoolStatus, Vdev } from '../../src/domain/pool-status.ts'
import { Bytes, days, type Instant, milliseconds, minutes, seconds, Share } from '../../src/domain/units.ts'
import { machineObservation } from './machine.ts'
import { disk, group, poolStatus } from './pool-status.ts'
import { now, before, reading } from './readings.ts'

/** The parts of one healthy host, to be broken by a test. */
export interface BenchHost {
  peerId: string
  observation: HostObservation
  machine: MachineObservation
  zfs: ZfsObservation
  /** Pool hot-tier: `mirror-0` of `sda` and `sdb`. */
  status: PoolStatus
  mirror: Vdev
  sda: Vdev
  sdb: Vdev
  local: LocalStore
  store: StoreObservation & {
    metrics: object
    clusterSettings: object
    kuboSettings: object
    kuboProcess: object
    exposure: object
    peer: object
    pins: object
    kubo: object
    pinset: object
  }
}

/** A healthy fleet: hosts n1 and n2, each with store hot on pool hot-tier. The clock of n2 is a day behind. */
export function bench(): { view: FleetView; fleet: Fleet; n1: BenchHost; n2: BenchHost } {
  const ids = [peerIdOf(1), peerIdOf(2)] as const
  const n1 = benchHost('n1', ids[0], ids, now)
  const n2 = benchHost('n2', ids[1], ids, before(now, days(1)))
  const fleet = Fleet.parse({
    apiVersion: 1,
    clusters: [{ name: 'main' }],
    tiers: [{ name: 'hot' }],
    // The clock of n2 is a day behind on purpose: all but CLOCK_SKEW must judge ages by the host's own clock.
    checks: { clockSkew: { warning: '2d', critical: '3d' } },
    hosts: [n1, n2].map(({ observation, peerId }) => ({
      name: observation.host,
      address: 'local',
      stores: [
        { name: 'hot', tier: 'hot', cluster: 'main', pool: 'hot-tier', dataset: 'hot-tier/ipfs-cluster', peer: peerId },
      ],
    })),
  })
  const view: FleetView = {
    at: now,
    fleet,
    hosts: [n1, n2].flatMap(({ observation }, index) => {
      const declaration = fleet.hosts[index]
      return declaration === undefined
        ? []
        : [{ declaration, contact: { state: 'answered', observation, receivedAt: now, took: milliseconds(3) } }]
    }),
  }
  return { view, fleet, n1, n2 }
}

export const peerIdOf = (number: number): string => `12D3KooW${String(number).padStart(44, 'x')}`

function benchHost(name: string, peerId: string, sees: readonly string[], at: Instant): BenchHost {
  const sda = disk('sda')
  const sdb = disk('sdb')
  const mirror = group('mirror-0', 'mirror', [sda, sdb])
  const status = poolStatus('hot-tier', [mirror], at)
  const zfs = zfsObservation(status, at)
  const local = LocalStore.parse({
    name: 'hot',
    tier: 'hot',
    cluster: 'main',
    pool: 'hot-tier',
    dataset: 'hot-tier/ipfs-cluster',
  })
  const store: BenchHost['store'] = {
    name: 'hot',
    peer: reading(
      'GET /id',
      {
        id: peerId,
        name,
        version: '1.1.6',
        sees: [...sees],
        seesSince: before(at, days(2)),
        addresses: [],
        error: '',
        kubo: { id: `k-${name}`, error: '' },
      },
      at,
    ),
    pins: reading('GET /pins', { counts: { pin_queued: 3 }, errors: [], spans: {} }, at),
    kubo: reading(
      'POST /api/v0/id',
      {
        id: `k-${name}`,
        version: '0.43.0',
        addresses: [],
        repoSize: Bytes.parse(39e10),
        storageMax: Bytes.parse(95e10),
      },
      at,
    ),
    ...daemonReadings(sees, at),
    pinset: reading('pin index', pinsetSummary(peerId, at), at),
  }
  const observation: HostObservation = {
    apiVersion: 1,
    host: name,
    tiercelVersion: '0.1.0',
    startedAt: before(at, days(3)),
    answeredAt: at,
    stores: [local],
    machine: machineObservation(at),
    zfs,
    storeObservations: [store],
  }
  return { peerId, observation, machine: observation.machine, zfs, status, mirror, sda, sdb, local, store }
}

/** A pinset of 1,000 pins as one peer has it, of which it holds 600, all pinned; read a minute ago, and the same for a day. */
export function pinsetSummary(peer: string, at: Instant = now): PinsetSummary {
  return {
    peer,
    readAt: before(at, minutes(1)),
    took: seconds(2),
    pins: 1000,
    digest: '0123456789abcdef0123456789abcdef',
    digestSince: before(at, days(1)),
    held: 600,
    copies: { allocated: 0, pinned: 500, complete: 100, read: 0 },
    statuses: { pinned: 600, remote: 400 },
    exceptions: {},
    unverified: false,
    walk: { walked: 100, oldest: null },
    size: Bytes.parse(50_000),
  }
}

/** A peer and a Kubo as they should be set up. */
function daemonReadings(trusted: readonly string[], at: Instant) {
  const seenAt = before(at, seconds(1))
  const own = ['tag:tier', 'freespace', 'ping'].map((name) => ({ name, value: '1', seenAt }))
  return {
    metrics: reading('GET /monitor/metrics', { names: ['freespace', 'ping', 'tag:tier'], own }, at),
    clusterSettings: reading(
      'service.json',
      {
        consensus: 'crdt' as const,
        disableRepinning: true,
        trustedPeers: [...trusted],
        allocateBy: ['tag:tier', 'freespace'],
        listens: { restApi: ['/ip4/127.0.0.1/tcp/9094'], ipfsProxy: [], pinningApi: [] },
        fromEnvironment: [],
        mayBeOverridden: false,
      },
      at,
    ),
    kuboSettings: reading(
      'POST /api/v0/config',
      { api: ['/ip4/127.0.0.1/tcp/5001'], gateway: ['/ip4/127.0.0.1/tcp/8080'], provideStrategy: null },
      at,
    ),
    kuboProcess: reading('/proc/PID/cmdline', { enableGc: false, seen: 'ipfs@hot.service' }, at),
    exposure: reading<Endpoint[]>('/proc/net/tcp', [], at),
  }
}

function zfsObservation(status: PoolStatus, at: Instant): ZfsObservation {
  const sample = {
    iohits: 0,
    size: Bytes.parse(1e9),
    target: Bytes.parse(1e9),
    minimum: Bytes.parse(1e8),
    maximum: Bytes.parse(2e9),
  }
  return {
    version: reading(
      'zpool version',
      { userland: '2.3.9', module: '2.3.9', features: { json: true, vdevProperties: true } },
      at,
    ),
    privileges: reading('executor', { by: 'executor' }, at),
    poolStates: reading('kstat', { [status.name]: 'ONLINE' }, at, seconds(5)),
    poolStatus: reading('zpool status -v', [status], at),
    pools: reading(
      'zpool list',
      [
        {
          name: status.name,
          guid: '1',
          size: Bytes.parse(1e12),
          allocated: Bytes.parse(4e11),
          free: Bytes.parse(6e11),
          capacity: Share.parse(0.4),
          fragmentation: Share.parse(0.1),
          health: 'ONLINE',
          readonly: false,
          vdevs: [],
        },
      ],
      at,
    ),
    datasets: reading(
      'zfs list',
      { kept: [dataset(`${status.name}/ipfs-cluster`, { mountpoint: '/hot' })], total: 1, cutBelow: [] },
      at,
    ),
    errorHistory: reading('zpool status', { samples: [] }, at),
    arc: reading(
      'arcstats',
      { before: { ...sample, hits: 0, misses: 0 }, after: { ...sample, hits: 980, misses: 20 }, apart: seconds(1) },
      at,
      seconds(5),
    ),
  }
}
