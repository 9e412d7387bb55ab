import { hours, milliseconds, minutes, seconds } from '../../domain/units.ts'
import { newPeerId } from '../identifiers.ts'
import { hostOf, pingValidMs, storeOf } from '../lookup.ts'
import type { SimPin, SimStore, World } from '../world.ts'
import type { Fault } from './fault.ts'
import { changeCopy, heldPins } from './held-pins.ts'

export const peersDisagree: Fault = {
  name: 'peers-disagree',
  title: 'The pings of n1/warm no longer reach n3/hot; every other peer hears them',
  expects: [{ code: 'PEERS_DISAGREE', subject: 'main' }],
  settlesAfter: milliseconds(pingValidMs + minutes(2)),
  apply: (world) => {
    const { peer } = storeOf(hostOf(world, 'n1'), 'warm')
    storeOf(hostOf(world, 'n3'), 'hot').peer.blindTo = [{ peer: peer.id, since: world.now }]
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n3'), 'hot').peer.blindTo = []
  },
}

export const kuboMismatch: Fault = {
  name: 'kubo-mismatch',
  title: 'The Cluster peer of n2/warm has the address of another Kubo than that of its store',
  expects: [{ code: 'KUBO_PEER_MISMATCH', subject: 'n2/warm/peer' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    storeOf(hostOf(world, 'n2'), 'warm').peer.foreignKubo = newPeerId({ random: world.seed ^ 0x2e_2e_2e })
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n2'), 'warm').peer.foreignKubo = null
  },
}

export const storageMaxDefault: Fault = {
  name: 'storage-max-default',
  title: 'The Kubo of n3/cold has the StorageMax that Kubo is installed with: 10 GB',
  expects: [{ code: 'STORAGE_MAX_MISLEADING', subject: 'n3/cold/kubo' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    storeOf(hostOf(world, 'n3'), 'cold').kubo.storageMax = 10_000_000_000
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n3'), 'cold').kubo.storageMax = null
  },
}

export const versionSkew: Fault = {
  name: 'version-skew',
  title: 'The update of IPFS Cluster has passed over n2/cold: it runs 1.1.5',
  expects: [{ code: 'VERSION_SKEW', subject: 'main' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    storeOf(hostOf(world, 'n2'), 'cold').peer.version = '1.1.5'
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n2'), 'cold').peer.version = '1.1.6'
  },
}

/** How many pins are at work and how many wait in `pin-queue-stuck`. */
const [atWork, waiting] = [1, 2]

/** Pins with a copy to spare: what is missing here is promised nowhere else. */
function sparePins(world: World): { store: SimStore; pins: SimPin[] } {
  const store = storeOf(hostOf(world, 'n3'), 'cold')
  return {
    store,
    pins: heldPins(world, store, atWork + waiting, ({ holders, replicationMin }) => holders.length > replicationMin),
  }
}

export const pinQueueStuck: Fault = {
  name: 'pin-queue-stuck',
  title: 'The peer of n3/cold has been fetching one pin for three hours, and others wait behind it',
  expects: [{ code: 'PIN_QUEUE_STUCK', subject: 'n3/cold/peer' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    const { store, pins } = sparePins(world)
    for (const [index, { cid }] of pins.entries()) {
      const queuedAt = world.now - hours(3)
      const never = world.now + hours(24 * 365)
      changeCopy(world, store, cid, (holder) => {
        Object.assign(holder, { queuedAt, startsAt: index < atWork ? queuedAt : never, doneAt: never })
      })
    }
  },
  mend: (world) => {
    const { store, pins } = sparePins(world)
    for (const { cid } of pins) {
      changeCopy(world, store, cid, (holder, { createdAt }) => {
        Object.assign(holder, { queuedAt: createdAt, startsAt: createdAt, doneAt: createdAt + 60_000 })
      })
    }
  },
}
