import { minutes } from '../../domain/units.ts'
import { clusterOf, hostOf, membersOf, storeOf } from '../lookup.ts'
import { changeCopy, heldPins } from './held-pins.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

/** Two readings of the lists, and a while in which they hold still. */
const untilSettled = minutes(6)

/** A split that no ping notices: it is dated so far ahead that the peers go on to see each other. */
const never = 100 * 365 * 86_400_000

export const pinsetDiverged: Fault = {
  name: 'pinset-diverged',
  title: 'The Cluster peer of n3/cold has lost three pins from its copy of the pinset, and does not know it',
  expects: [{ code: 'PINSET_DIVERGED', subject: 'n3/cold/peer' }],
  settlesAfter: untilSettled,
  apply: (world) => {
    const store = storeOf(hostOf(world, 'n3'), 'cold')
    const cluster = clusterOf(world, store.cluster)
    const alone = store.peer.declaredId
    const lost = heldPins(world, storeOf(hostOf(world, 'n1'), 'hot'), 3)
    const side = { height: cluster.height, pins: {}, tombstones: [] }
    const others = membersOf(world, cluster.name).map((member) => member.store.peer.declaredId)
    cluster.split = {
      since: world.now + never,
      height: cluster.height,
      sides: [
        { ...side, peers: others.filter((peer) => peer !== alone), removed: {} },
        { ...side, peers: [alone], removed: Object.fromEntries(lost.map(({ cid }) => [cid, true])) },
      ],
    }
  },
  mend: (world) => {
    clusterOf(world, 'main').split = null
  },
}

export const pinsUnpinned: Fault = {
  name: 'pins-unpinned',
  title: 'The Kubo of n2/warm has lost four pins, as after a split that has healed; nobody recovers',
  expects: [
    { code: 'PINS_UNEXPECTEDLY_UNPINNED', subject: 'n2/warm/peer' },
    { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
  ],
  settlesAfter: untilSettled,
  apply: (world) => {
    // The peer would recover by itself at its next `pin_recover_interval`.
    clusterOf(world, 'main').recoverEvery = null
    setLost(world, world.now)
  },
  mend: (world) => {
    clusterOf(world, 'main').recoverEvery = usualRecovery
    setLost(world, null)
  },
}

function setLost(world: World, lostAt: number | null): void {
  const store = storeOf(hostOf(world, 'n2'), 'warm')
  for (const { cid } of heldPins(world, store, 4)) {
    changeCopy(world, store, cid, (holder) => {
      holder.lostAt = lostAt
    })
  }
}

/** `pin_recover_interval` of ipfs-cluster 1.1.6. */
const usualRecovery = 12 * 60_000

const orphans = [
  'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
  'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
]

export const orphanPins: Fault = {
  name: 'orphan-pins',
  title: 'Somebody has pinned two CIDs by hand in the Kubo of n1/cold',
  expects: [{ code: 'ORPHAN_PINS', subject: 'n1/cold/kubo' }],
  settlesAfter: untilSettled,
  apply: (world) => {
    storeOf(hostOf(world, 'n1'), 'cold').kubo.ownPins.push(...orphans)
  },
  mend: (world) => {
    const { kubo } = storeOf(hostOf(world, 'n1'), 'cold')
    kubo.ownPins = kubo.ownPins.filter((cid) => !orphans.includes(cid))
  },
}
