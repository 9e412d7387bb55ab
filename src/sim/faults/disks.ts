import { minutes } from '../../domain/units.ts'
import { diskAt, hostOf, poolAt } from '../lookup.ts'
import { newDisk } from '../new-disk.ts'
import type { SimPool } from '../sim-pool.ts'
import { type NewFault, set } from './fault.ts'

/** SMART is looked at this often. */
const untilRead = minutes(30)

function addSpare(pool: SimPool, spare: Partial<SimPool['spares'][number]>): void {
  const size = pool.vdevs[0]?.disks[0]?.size ?? 0
  pool.spares.push({ ...newDisk('sdz', '6148914691236517205', size), standsInFor: null, ...spare })
}

export const diskFaults: readonly NewFault[] = [
  {
    name: 'pool-degraded',
    title: 'One disk of the raidz2 of n2/cold-tier has had too many errors, and ZFS has given it up',
    expects: [
      { code: 'POOL_DEGRADED', subject: 'n2/cold-tier' },
      { code: 'DISK_FAULTED', subject: 'n2/cold-tier/sdh' },
    ],
    apply: (world) => {
      const errors = { readErrors: 3, writeErrors: 61, note: 'too many errors' }
      set(diskAt(world, 'n2/cold-tier/sdh'), { state: 'FAULTED', ...errors })
    },
  },
  {
    name: 'disk-removed',
    title: 'One disk of the mirror of n1/hot-tier has been pulled out',
    expects: [
      { code: 'POOL_DEGRADED', subject: 'n1/hot-tier' },
      { code: 'REDUNDANCY_LOW', subject: 'n1/hot-tier/mirror-0' },
      { code: 'DISK_REMOVED', subject: 'n1/hot-tier/sdb' },
    ],
    apply: (world) => set(diskAt(world, 'n1/hot-tier/sdb'), { state: 'REMOVED' }),
  },
  {
    name: 'disk-errors',
    title: 'One disk of n3/warm-tier has returned wrong data, which ZFS has repaired',
    expects: [{ code: 'DISK_ERRORS', subject: 'n3/warm-tier/sdd' }],
    apply: (world) => set(diskAt(world, 'n3/warm-tier/sdd'), { checksumErrors: 12 }),
  },
  {
    name: 'damage-unread',
    title:
      'A disk of n2/warm-tier gives back wrong data; of some blocks that nobody has read since, no good copy is left',
    expects: [{ code: 'DISK_ERRORS', subject: 'n2/warm-tier/sde' }],
    apply: (world) => {
      set(diskAt(world, 'n2/warm-tier/sde'), { checksumErrors: 7 })
      // A block of Kubo, and a file that is none.
      poolAt(world, 'n2/warm-tier').hiddenDamage = [
        '/warm-tier/ipfs-cluster/kubo/blocks/X3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data',
        '/warm-tier/ipfs-cluster/kubo/datastore/000042.sst',
      ]
    },
  },
  {
    name: 'smart-failing',
    title: 'A disk of n2/cold-tier says itself that it is failing',
    expects: [{ code: 'DISK_SMART', subject: 'n2/cold-tier/sdg' }],
    settlesAfter: untilRead,
    apply: (world) => {
      const counts = { reallocated: 1975, pending: 8 }
      const says = { passed: false, ...counts, failingNow: ['Reallocated_Sector_Ct'] }
      hostOf(world, 'n2').machine.smartFlaws['sdg'] = says
    },
  },
  {
    name: 'smart-pending',
    title: 'Sectors of a disk of n1/warm-tier cannot be read any more, says its SMART',
    expects: [{ code: 'DISK_SMART', subject: 'n1/warm-tier/sdd' }],
    settlesAfter: untilRead,
    apply: (world) => {
      hostOf(world, 'n1').machine.smartFlaws['sdd'] = { pending: 16, uncorrectable: 16 }
    },
  },
  {
    name: 'disk-slow',
    title: 'A disk of n3/cold-tier takes fifteen times as long as the others of its vdev',
    expects: [{ code: 'DISK_SLOW', subject: 'n3/cold-tier/sdj' }],
    // Judged over some minutes.
    settlesAfter: minutes(10),
    apply: (world) => {
      hostOf(world, 'n3').machine.slowDisks['sdj'] = { since: world.now, extra: 90 }
    },
  },
  {
    name: 'spare-in-use',
    title: 'A disk of n2/cold-tier has failed, and a spare has taken its place',
    expects: [
      { code: 'POOL_DEGRADED', subject: 'n2/cold-tier' },
      { code: 'DISK_FAULTED', subject: 'n2/cold-tier/sdi' },
      { code: 'SPARE_IN_USE', subject: 'n2/cold-tier/sdz' },
    ],
    apply: (world) => {
      set(diskAt(world, 'n2/cold-tier/sdi'), { state: 'FAULTED' })
      addSpare(poolAt(world, 'n2/cold-tier'), { state: 'INUSE', note: 'currently in use', standsInFor: 'sdi' })
    },
  },
  {
    name: 'spare-unusable',
    title: 'The spare of n3/cold-tier cannot be opened',
    expects: [{ code: 'SPARE_UNUSABLE', subject: 'n3/cold-tier/sdz' }],
    apply: (world) => addSpare(poolAt(world, 'n3/cold-tier'), { state: 'UNAVAIL', note: 'cannot open' }),
  },
]
