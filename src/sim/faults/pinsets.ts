import { minutes } from '../../domain/units.ts'
import { clusterOf, membersOf, storeAt } from '../lookup.ts'
import { type NewFault, set } from './fault.ts'
import { changeCopies, heldPins } from './held-pins.ts'

/** Two readings of the lists, and a while in which they hold still. */
const untilSettled = minutes(6)

/** A split that no ping notices: it is dated so far ahead that the peers go on to see each other. */
const never = 100 * 365 * 86_400_000

export const pinsetFaults: readonly NewFault[] = [
  {
    name: 'pinset-diverged',
    title: 'The Cluster peer of n3/cold has lost three pins from its copy of the pinset, and does not know it',
    expects: [{ code: 'PINSET_DIVERGED', subject: 'n3/cold/peer' }],
    settlesAfter: untilSettled,
    apply: (world) => {
      const store = storeAt(world, 'n3/cold')
      const cluster = clusterOf(world, store.cluster)
      const alone = store.peer.declaredId
      const lost = heldPins(world, storeAt(world, 'n1/hot'), 3)
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
    // Also where both sides have gone on to write.
    mend: (world) => set(clusterOf(world, 'main'), { split: null }),
  },
  {
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
      const change = { lostAt: world.now }
      changeCopies(world, storeAt(world, 'n2/warm'), { count: 4, change: (holder) => set(holder, change) })
    },
  },
  {
    name: 'orphan-pins',
    title: 'Somebody has pinned two CIDs by hand in the Kubo of n1/cold',
    expects: [{ code: 'ORPHAN_PINS', subject: 'n1/cold/kubo' }],
    settlesAfter: untilSettled,
    apply: (world) =>
      void storeAt(world, 'n1/cold').kubo.ownPins.push(
        'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi',
        'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy',
      ),
  },
]
