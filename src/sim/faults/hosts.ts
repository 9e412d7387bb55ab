import { minutes, seconds } from '../../domain/units.ts'
import { hostOf, storeAt } from '../lookup.ts'
import { arcCounters } from '../sim-storage.ts'
import type { World } from '../world.ts'
import { type NewFault, set } from './fault.ts'

const GiB = 2 ** 30

/** What is installed is looked at this often. */
const untilLooked = minutes(10)

/** From now on the counters grow in another way; what has been counted stays. */
function setHitShare(world: World, share: (usual: number) => number): void {
  const { arc } = hostOf(world, 'n3')
  set(arc, { ...arcCounters(arc, world.now), since: world.now, hitShare: share(arc.usualHitShare) })
}

/** Something wrong with a machine, or with what is installed on it. */
export const hostFaults: readonly NewFault[] = [
  {
    name: 'clock-wrong',
    title: 'The clock of n2 is 40 seconds ahead',
    expects: [{ code: 'CLOCK_SKEW', subject: 'n2' }],
    apply: (world) => set(hostOf(world, 'n2').machine, { clockOffset: 40_000 }),
  },
  {
    name: 'memory-low',
    title: 'Something on n1 has taken nearly all memory',
    expects: [{ code: 'HOST_MEMORY_LOW', subject: 'n1' }],
    apply: (world) => {
      const { machine, arc } = hostOf(world, 'n1')
      // With the rest of its ARC, some 4 of 64 GiB are left.
      machine.memory.available -= 23 * GiB
      arc.size -= 25 * GiB
    },
  },
  {
    name: 'inodes-low',
    title: 'Very many small files have taken nearly all inodes of the disk of n2',
    expects: [{ code: 'INODES_LOW', subject: 'n2/filesystem:/' }],
    apply: (world) => {
      hostOf(world, 'n2').machine.inodesUsed += 15_000_000
    },
  },
  {
    name: 'arc-thrash',
    title: 'n3 reads far more than its ARC holds: little more than half of the accesses hit',
    expects: [{ code: 'ARC_HIT_RATIO_LOW', subject: 'n3' }],
    // Two samples of the counters have to lie after the change.
    settlesAfter: seconds(15),
    apply: (world) => setHitShare(world, () => 0.55),
    mend: (world) => setHitShare(world, (usual) => usual),
  },
  {
    name: 'zfs-not-restarted',
    title: 'The programs of ZFS on n3 were upgraded, and the old module is still loaded',
    expects: [{ code: 'ZFS_MODULE_MISMATCH', subject: 'n3' }],
    apply: (world) => set(hostOf(world, 'n3').zfs, { module: '2.3.2-2~bpo12+2' }),
  },
  {
    name: 'next-kernel-without-zfs',
    title: 'A newer kernel was installed on n1, and DKMS could not build its ZFS module',
    expects: [{ code: 'NEXT_KERNEL_WITHOUT_ZFS', subject: 'n1' }],
    settlesAfter: untilLooked,
    apply: (world) => void hostOf(world, 'n1').machine.kernels.push({ release: '6.1.0-42-amd64', hasZfs: false }),
  },
  {
    name: 'hostid-shared',
    title: 'n3 was cloned from the image of n2, with its host ID',
    expects: ['n2', 'n3'].map((subject) => ({ code: 'HOSTID_MISSING_OR_SHARED', subject })),
    settlesAfter: untilLooked,
    apply: (world) => set(hostOf(world, 'n3').machine, { hostId: hostOf(world, 'n2').machine.hostId }),
  },
  {
    name: 'foreign-scheduler',
    title: 'Somebody has installed sanoid on n2: it takes and drops snapshots by rules of its own',
    expects: [{ code: 'FOREIGN_SCHEDULER', subject: 'n2' }],
    settlesAfter: untilLooked,
    apply: (world) => {
      const sanoid = { name: 'sanoid', place: 'sanoid.timer', does: ['snapshot' as const] }
      hostOf(world, 'n2').machine.schedulers.push(sanoid)
    },
  },
  {
    name: 'foreign-scrubber',
    title: 'A script of somebody scrubs the pools of n3 every week, and takes snapshots of them',
    expects: [{ code: 'FOREIGN_SCHEDULER', subject: 'n3' }],
    settlesAfter: untilLooked,
    apply: (world) => {
      const { schedulers } = hostOf(world, 'n3').machine
      schedulers.push({ name: 'pool-care', place: '/etc/cron.weekly/pool-care', does: ['scrub', 'snapshot'] })
    },
  },
  {
    name: 'zed-stopped',
    title: 'ZED does not run on n2',
    expects: [{ code: 'ZED_NOT_RUNNING', subject: 'n2' }],
    apply: (world) => set(hostOf(world, 'n2').machine, { zedRuns: false }),
  },
  {
    name: 'power-lost',
    title: 'n3 has lost its power an hour ago, and came back',
    expects: [{ code: 'UNCLEAN_STOP', subject: 'n3' }],
    settlesAfter: untilLooked,
    apply: (world) => set(hostOf(world, 'n3').machine, { previousEnded: 'unclean', bootedAt: world.now - minutes(60) }),
  },
  {
    name: 'service-stopped',
    title: 'Somebody has stopped the unit of the Kubo of n2/warm',
    expects: [
      { code: 'SERVICE_NOT_RUNNING', subject: 'n2/warm/kubo' },
      { code: 'KUBO_UNREACHABLE', subject: 'n2/warm/kubo' },
      { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
    ],
    apply: (world) => {
      hostOf(world, 'n2').machine.stoppedUnits.push('ipfs@warm.service')
      set(storeAt(world, 'n2/warm').kubo, { downSince: world.now })
    },
  },
  {
    name: 'user-namespaces',
    title: 'n2 runs OpenZFS 2.3.2, and lets every user make user namespaces',
    expects: [{ code: 'KNOWN_BUG', subject: 'n2/user-namespaces' }],
    apply: (world) => set(hostOf(world, 'n2').machine, { userNamespaces: true }),
  },
]
