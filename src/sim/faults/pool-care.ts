import { days, hours } from '../../domain/units.ts'
import { diskAt, poolAt } from '../lookup.ts'
import { newDisk } from '../new-disk.ts'
import { type NewFault, set } from './fault.ts'

export const poolCareFaults: readonly NewFault[] = [
  {
    name: 'scrub-overdue',
    title: 'Nobody has scrubbed n1/cold-tier for more than 42 days',
    expects: [{ code: 'SCRUB_OVERDUE', subject: 'n1/cold-tier' }],
    apply: (world) => set(poolAt(world, 'n1/cold-tier').scrubs, { stoppedAt: world.now - days(42) }),
  },
  {
    name: 'scrub-paused',
    title: 'Somebody has paused the scrub of n3/cold-tier, and forgotten it',
    expects: [{ code: 'SCRUB_OVERDUE', subject: 'n3/cold-tier' }],
    apply: (world) => {
      const { scrubs } = poolAt(world, 'n3/cold-tier')
      // An hour after the last one began.
      const begun = scrubs.first + Math.floor((world.now - scrubs.first) / scrubs.every) * scrubs.every
      scrubs.pausedAt = begun + hours(1)
    },
  },
  {
    name: 'scrub-errors',
    title: 'The last scrub of n2/warm-tier found damage that it could not repair, in files that are gone since',
    expects: [{ code: 'SCRUB_ERRORS', subject: 'n2/warm-tier' }],
    apply: (world) => set(poolAt(world, 'n2/warm-tier').scrubs, { errors: 3 }),
  },
  {
    name: 'disk-behind',
    title: 'A disk of the raidz1 of n1/warm-tier was away, has come back, and is being resilvered',
    expects: [
      { code: 'REDUNDANCY_LOW', subject: 'n1/warm-tier/raidz1-0' },
      { code: 'RESILVER_RUNNING', subject: 'n1/warm-tier' },
      { code: 'SCRUB_OVERDUE', subject: 'n1/warm-tier', isInfo: true },
    ],
    apply: (world) => {
      set(poolAt(world, 'n1/warm-tier'), { resilver: { startedAt: world.now - hours(1), takes: hours(9) } })
      set(diskAt(world, 'n1/warm-tier/sdd'), { note: '(resilvering)' })
    },
  },
  {
    name: 'disk-replaced',
    title: 'A disk of n2/hot-tier that still works is being replaced by a new one',
    expects: [{ code: 'RESILVER_RUNNING', subject: 'n2/hot-tier', isInfo: true }],
    apply: (world) => {
      const pool = poolAt(world, 'n2/hot-tier')
      pool.resilver = { startedAt: world.now - hours(2), takes: hours(5) }
      const { size } = diskAt(world, 'n2/hot-tier/sdb')
      const disk = { ...newDisk('sdy', '1152921504606846976', size), note: '(resilvering)' }
      pool.vdevs[0]?.replacements.push({ of: 'sdb', guid: '2305843009213693952', disk })
    },
  },
  {
    name: 'special-full',
    title: 'The special vdev of n1/warm-tier is 78 % full',
    expects: [{ code: 'SPECIAL_NEARLY_FULL', subject: 'n1/warm-tier/mirror-1' }],
    apply: (world) =>
      void poolAt(world, 'n1/warm-tier').vdevs.push({
        name: 'mirror-1',
        class: 'special',
        kind: 'mirror',
        guid: '3458764513820540928',
        parity: 1,
        disks: [
          newDisk('nvme0n1', '4611686018427387904', 200 * 2 ** 30),
          newDisk('nvme1n1', '5764607523034234880', 200 * 2 ** 30),
        ],
        replacements: [],
        fill: 0.78,
      }),
  },
]
