import { hours, milliseconds, minutes } from '../../domain/units.ts'
import { pingValidMs, storeAt } from '../lookup.ts'
import { type NewFault, set } from './fault.ts'
import { changeCopies } from './held-pins.ts'

/** How many pins are at work and how many wait in `pin-queue-stuck`. */
const [atWork, waiting] = [1, 2]

/** What the peers of a cluster make of each other, and what they are slow to do. */
export const clusterFaults: readonly NewFault[] = [
  {
    name: 'peers-disagree',
    title: 'The pings of n1/warm no longer reach n3/hot; every other peer hears them',
    expects: [{ code: 'PEERS_DISAGREE', subject: 'main' }],
    settlesAfter: milliseconds(pingValidMs + minutes(2)),
    apply: (world) => {
      const { peer } = storeAt(world, 'n1/warm')
      storeAt(world, 'n3/hot').peer.blindTo = [{ peer: peer.id, since: world.now }]
    },
  },
  {
    name: 'pin-queue-stuck',
    title: 'The peer of n3/cold has been fetching one pin for three hours, and others wait behind it',
    expects: [{ code: 'PIN_QUEUE_STUCK', subject: 'n3/cold/peer' }],
    apply: (world) => {
      const queuedAt = world.now - hours(3)
      const never = world.now + hours(24 * 365)
      // Pins with a copy to spare: what is missing here is promised nowhere else.
      changeCopies(world, storeAt(world, 'n3/cold'), {
        count: atWork + waiting,
        isWanted: ({ holders, replicationMin }) => holders.length > replicationMin,
        change: (holder, index) =>
          set(holder, { queuedAt, startsAt: index < atWork ? queuedAt : never, doneAt: never }),
      })
    },
  },
  {
    name: 'pin-errors',
    title: 'The peer of n2/cold cannot fetch 3 pins: nobody who has their content can be reached',
    expects: [{ code: 'PIN_ERRORS', subject: 'n2/cold/peer' }],
    apply: (world) => {
      const failure = { at: world.now, error: 'context canceled', attempts: 2 }
      changeCopies(world, storeAt(world, 'n2/cold'), { count: 3, change: (holder) => set(holder, { failure }) })
    },
  },
]
