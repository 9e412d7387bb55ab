import * as fc from 'fast-check'
import { Fleet, LocalStore } from '../../src/domain/fleet.ts'
import type { FleetView } from '../../src/domain/health/view.ts'
import { HostObservation, type Reading } from '../../src/domain/observation.ts'
import type { PoolState, PoolStatus, VdevState } from '../../src/domain/pool-status.ts'
import { milliseconds, Share } from '../../src/domain/units.ts'
import { machine } from './arbitrary-machine.ts'
import { storeObservation } from './arbitrary-stores.ts'
import { withoutUndefined, storeName, poolName, optional } from './arbitrary-values.ts'
import { zfs } from './arbitrary-zfs.ts'
import { bench, peerIdOf } from './fleet-view.ts'
import { now, trouble as troubleOf } from './readings.ts'

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

/** As it comes from the wire: without what is undefined. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
