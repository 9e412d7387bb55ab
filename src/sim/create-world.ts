import { createBasePins } from './base-pins.ts'
import { newGuid, newPeerId } from './identifiers.ts'
import { membersOf } from './lookup.ts'
import { newDisk } from './new-disk.ts'
import { newChanging } from './sim-changing.ts'
import { nextBetween, nextShare, nextWord } from './random.ts'
import type { SimPool } from './sim-pool.ts'
import type { SimBasePins, SimHostState, SimStore, World } from './world.ts'

/** One kind of store that every host has, with the pool it lies on. */
export interface StoreSpec {
  /** Also the name of its tier; the pool is `NAME-tier`. */
  name: string
  layout: 'mirror' | 'raidz1' | 'raidz2'
  disks: number
  diskSize: number
  /** Which share of the pins belongs to this tier, and the bytes of an average one. */
  pinShare: number
  pinSize: number
}

export interface WorldOptions {
  /** The same seed gives the same world, to the last byte. */
  seed?: number
  hosts?: readonly string[]
  stores?: readonly StoreSpec[]
  pins?: number
  /** Milliseconds since 1970. */
  startAt?: number
}

const GiB = 2 ** 30
const day = 86_400_000

/** The runbook's three tiers: hot is a mirror, warm a raidz1, cold a raidz2. */
export const defaultStores: readonly StoreSpec[] = [
  { name: 'hot', layout: 'mirror', disks: 2, diskSize: 2000 * GiB, pinShare: 0.2, pinSize: 12 * GiB },
  { name: 'warm', layout: 'raidz1', disks: 3, diskSize: 2000 * GiB, pinShare: 0.3, pinSize: 22 * GiB },
  { name: 'cold', layout: 'raidz2', disks: 6, diskSize: 2000 * GiB, pinShare: 0.5, pinSize: 28 * GiB },
]

/** 2026-11-23T06:00:00Z. */
export const defaultStart = 1_795_413_600_000

const versions = [
  { userland: '2.1.11-1+deb12u1', module: '2.1.11-1+deb12u1', json: false },
  { userland: '2.3.2-2~bpo12+2', module: '2.3.2-2~bpo12+2', json: true },
  { userland: '2.3.9-1', module: '2.3.9-1', json: true },
] as const

/** A healthy fleet: hosts × stores, one cluster `main`, pins held two or three times on different hosts. */
export function createWorld(options: WorldOptions = {}): World {
  const { seed = 1, hosts = ['n1', 'n2', 'n3'], stores = defaultStores, pins = 300, startAt = defaultStart } = options
  const world: World = {
    format: 4,
    seed,
    random: seed >>> 0,
    now: startAt,
    hosts: [],
    clusters: [],
    faults: [],
    undo: {},
    effects: [],
  }
  for (const name of hosts) world.hosts.push(createHost(world, name, stores))
  world.clusters.push({
    name: 'main',
    base: createBase(world, { stores, pins }),
    pins: {},
    removed: {},
    height: 1,
    recoverEvery,
    leftovers: [],
    split: null,
  })
  return world
}

/** `pin_recover_interval` of ipfs-cluster 1.1.6. */
const recoverEvery = 12 * 60_000

/** How many pins the sizes of the stores are made for; more of them are smaller, so that no pool is too full. */
const usualPins = 300

function createBase(world: World, { stores, pins }: { stores: readonly StoreSpec[]; pins: number }): SimBasePins {
  return createBasePins({
    key: nextWord(world),
    madeAt: world.now,
    tiers: stores.map(({ name, pinShare, pinSize }) => ({
      name,
      count: Math.round(pins * pinShare),
      pinSize: pinSize * Math.min(1, usualPins / pins),
      members: membersOf(world, 'main').flatMap(({ store }) => (store.name === name ? [store.peer.id] : [])),
    })),
  })
}

function createHost(world: World, name: string, specs: readonly StoreSpec[]): SimHostState {
  const index = world.hosts.length
  const version = versions[index % versions.length] ?? versions[0]
  let disks = 0
  const pools: SimPool[] = []
  const stores: SimStore[] = []
  for (const [position, spec] of specs.entries()) {
    pools.push(createPool(world, spec, disks))
    disks += spec.disks
    stores.push(createStore(world, name, spec, position))
  }
  const usualHitShare = 0.95 + nextShare(world) * 0.04
  return {
    name,
    address: `10.0.${Math.floor((index + 11) / 250)}.${(index + 11) % 250}`,
    agent: 'up',
    executor: true,
    machine: {
      clockOffset: 0,
      inodesUsed: 519_516,
      kernel: '6.1.0-41-amd64',
      bootedAt: world.now - 40 * day,
      userNamespaces: false,
      memory: { total: 64 * GiB, available: 24 * GiB },
      kernels: [
        { release: '6.1.0-40-amd64', hasZfs: true },
        { release: '6.1.0-41-amd64', hasZfs: true },
      ],
      hostId: (0x9f_2a_1c_00 + index).toString(16),
      // As Debian installs it: an info, and no trouble.
      schedulers: [{ name: 'zfsutils-linux', place: '/etc/cron.d/zfsutils-linux', does: ['scrub', 'trim'] }],
      bootId: `8c5fd3a0-0000-4000-8000-${String(index).padStart(12, '0')}`,
      previousEnded: 'clean',
      zedRuns: true,
      slowDisks: {},
      smartFlaws: {},
      stoppedUnits: [],
    },
    zfs: { ...version, programs: 'answer' },
    arc: {
      since: world.now,
      hits: nextBetween(world, 1e9, 2e9),
      misses: nextBetween(world, 1e7, 4e7),
      accessesPerSecond: nextBetween(world, 2000, 6000),
      hitShare: usualHitShare,
      usualHitShare,
      size: 30 * GiB,
      minimum: 2 * GiB,
      maximum: 32 * GiB,
    },
    pools,
    stores,
    changing: newChanging(),
  }
}

function createPool(world: World, { name, layout, disks, diskSize }: StoreSpec, disksBefore: number): SimPool {
  const parity = layout === 'raidz2' ? 2 : 1
  const every = 7 * day
  const guid = newGuid(world)
  return {
    name: `${name}-tier`,
    guid,
    imported: true,
    readonly: false,
    suspended: false,
    corrupted: false,
    vdevs: [
      {
        name: layout === 'mirror' ? 'mirror-0' : `${layout}-0`,
        class: 'data',
        kind: layout === 'mirror' ? 'mirror' : 'raidz',
        guid: newGuid(world),
        parity: layout === 'mirror' ? disks - 1 : parity,
        disks: Array.from({ length: disks }, (_, index) =>
          newDisk(`sd${letters(disksBefore + index)}`, newGuid(world), diskSize),
        ),
        replacements: [],
        fill: 0,
      },
    ],
    spares: [],
    damagedFiles: [],
    hiddenDamage: [],
    scrubs: {
      // A weekly scrub that ended one to four days ago; a test that wants a running one advances the clock.
      first: world.now - 10 * every - nextBetween(world, day, 4 * day),
      every,
      takes: nextBetween(world, 2, 9) * 3_600_000,
      stoppedAt: null,
      pausedAt: null,
      errors: 0,
    },
    scrub: null,
    resilver: null,
    featuresDisabled: false,
    ballast: 0,
    fragmentation: nextBetween(world, 3, 28) / 100,
    snapshots: [1, 2, 3].map((count) =>
      newSnapshot(world, { name: `${name}-tier/ipfs-cluster@daily-${count}`, guid, count }),
    ),
  }
}

/** One of every day; a backup holds the newest. Its guid takes nothing from the world's chance. */
function newSnapshot(
  { now }: World,
  { name, guid, count }: { name: string; guid: string; count: number },
): SimPool['snapshots'][number] {
  const createdAt = now - (4 - count) * day
  const holds = count === 3 ? [{ tag: 'backup', heldAt: createdAt }] : []
  const made = { createtxg: 1000 * count, createdAt, referenced: 0, properties: {} }
  return { name, guid: String(BigInt(guid) ^ BigInt(count)), ...made, holds }
}

function createStore(world: World, host: string, { name }: StoreSpec, position: number): SimStore {
  const dataset = `${name}-tier/ipfs-cluster`
  const names = [
    `${name}-tier`,
    dataset,
    ...['kubo', 'kubo/blocks', 'kubo/datastore', 'cluster'].map((child) => `${dataset}/${child}`),
  ]
  const peerId = newPeerId(world)
  return {
    name,
    tier: name,
    cluster: 'main',
    pool: `${name}-tier`,
    dataset,
    datasetGuids: Object.fromEntries(names.map((full) => [full, newGuid(world)])),
    oddDatasets: {},
    quota: null,
    localTier: null,
    exposed: [],
    peer: {
      id: peerId,
      declaredId: peerId,
      name: `${host}-${name}`,
      version: '1.1.6',
      port: 9094 + 100 * position,
      downSince: null,
      cutOffSince: null,
      blindTo: [],
      foreignKubo: null,
      silentMetrics: [],
      settings: { disableRepinning: true, trustsAll: false },
    },
    kubo: {
      id: newPeerId(world),
      version: '0.43.0',
      port: 5001 + 100 * position,
      downSince: null,
      storageMax: null,
      enableGc: false,
      ownPins: [],
    },
  }
}

/** a … z, aa, ab …: how Linux names disks. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26))
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last
}
