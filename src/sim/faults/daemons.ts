import { milliseconds, seconds } from '../../domain/units.ts'
import { hostOf, pingValidMs, storeOf } from '../lookup.ts'
import { newPeerId } from '../identifiers.ts'
import type { Fault } from './fault.ts'
import { changeCopy, heldPins } from './held-pins.ts'

export const clusterKilled: Fault = {
  name: 'cluster-killed',
  title: 'The Cluster peer of n3/warm has been killed; when its last ping has expired, no other peer sees it',
  expects: [
    { code: 'CLUSTER_UNREACHABLE', subject: 'n3/warm/peer' },
    { code: 'PEER_MISSING', subject: 'n3/warm/peer' },
  ],
  settlesAfter: milliseconds(pingValidMs),
  apply: (world) => {
    storeOf(hostOf(world, 'n3'), 'warm').peer.downSince = world.now
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n3'), 'warm').peer.downSince = null
  },
}

export const peerMissing: Fault = {
  name: 'peer-missing',
  title: 'The Cluster peer of n2/hot runs with another cluster secret: it answers us, but no other peer sees it',
  expects: [{ code: 'PEER_MISSING', subject: 'n2/hot/peer' }],
  settlesAfter: milliseconds(pingValidMs),
  apply: (world) => {
    storeOf(hostOf(world, 'n2'), 'hot').peer.cutOffSince = world.now
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n2'), 'hot').peer.cutOffSince = null
  },
}

export const peerIdentityLost: Fault = {
  name: 'peer-identity-lost',
  title: 'The Cluster peer of n1/cold has come up with a new identity: to the Cluster it is another peer',
  expects: [
    { code: 'PEER_MISSING', subject: 'n1/cold/peer' },
    { code: 'DECLARATION_MISMATCH', subject: 'n1/cold/peer' },
  ],
  settlesAfter: seconds(0),
  apply: (world) => {
    // A stream of its own: a fault that is mended leaves no trace, not even in the world's random numbers.
    storeOf(hostOf(world, 'n1'), 'cold').peer.id = newPeerId({ random: world.seed ^ 0x1d_1d_1d })
  },
  mend: (world) => {
    const { peer } = storeOf(hostOf(world, 'n1'), 'cold')
    peer.id = peer.declaredId
  },
}

export const kuboKilled: Fault = {
  name: 'kubo-killed',
  title: 'The Kubo of n1/warm has been killed; its Cluster peer goes on to ping',
  expects: [
    { code: 'KUBO_UNREACHABLE', subject: 'n1/warm/kubo' },
    { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
  ],
  settlesAfter: seconds(0),
  apply: (world) => {
    storeOf(hostOf(world, 'n1'), 'warm').kubo.downSince = world.now
  },
  mend: (world) => {
    storeOf(hostOf(world, 'n1'), 'warm').kubo.downSince = null
  },
}

/** How many pins fail in `pin-errors`. */
const failing = 3

export const pinErrors: Fault = {
  name: 'pin-errors',
  title: `The peer of n2/cold cannot fetch ${failing} pins: nobody who has their content can be reached`,
  expects: [{ code: 'PIN_ERRORS', subject: 'n2/cold/peer' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    const store = storeOf(hostOf(world, 'n2'), 'cold')
    for (const { cid } of heldPins(world, store, failing)) {
      changeCopy(world, store, cid, (holder) => {
        holder.failure = { at: world.now, error: 'context canceled', attempts: 2 }
      })
    }
  },
  mend: (world) => {
    const store = storeOf(hostOf(world, 'n2'), 'cold')
    for (const { cid } of heldPins(world, store, failing)) {
      changeCopy(world, store, cid, (holder) => {
        holder.failure = null
      })
    }
  },
}
