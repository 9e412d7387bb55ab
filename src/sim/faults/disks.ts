import { seconds } from '../../domain/units.ts'
import { hostOf, NotInWorld, poolOf } from '../lookup.ts'
import type { SimDisk } from '../sim-pool.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

const diskFault = (
  fault: Pick<Fault, 'name' | 'title' | 'expects'>,
  at: { host: string; pool: string; disk: string },
  change: Partial<SimDisk>,
): Fault => ({
  ...fault,
  settlesAfter: seconds(0),
  apply: (world) => void Object.assign(diskAt(world, at), change),
  mend: (world) =>
    void Object.assign(diskAt(world, at), {
      state: 'ONLINE',
      readErrors: 0,
      writeErrors: 0,
      checksumErrors: 0,
      note: '',
    } satisfies Partial<SimDisk>),
})

function diskAt(world: World, { host, pool, disk }: { host: string; pool: string; disk: string }): SimDisk {
  const found = poolOf(hostOf(world, host), pool)
    .vdevs.flatMap(({ disks }) => disks)
    .find(({ name }) => name === disk)
  if (found === undefined) throw new NotInWorld(`the simulated world has no disk ${host}/${pool}/${disk}`)
  return found
}

export const poolDegraded = diskFault(
  {
    name: 'pool-degraded',
    title: 'One disk of the raidz2 of n2/cold-tier has had too many errors, and ZFS has given it up',
    expects: [
      { code: 'POOL_DEGRADED', subject: 'n2/cold-tier' },
      { code: 'DISK_FAULTED', subject: 'n2/cold-tier/sdh' },
    ],
  },
  { host: 'n2', pool: 'cold-tier', disk: 'sdh' },
  { state: 'FAULTED', readErrors: 3, writeErrors: 61, note: 'too many errors' },
)

export const diskRemoved = diskFault(
  {
    name: 'disk-removed',
    title: 'One disk of the mirror of n1/hot-tier has been pulled out',
    expects: [
      { code: 'POOL_DEGRADED', subject: 'n1/hot-tier' },
      { code: 'REDUNDANCY_LOW', subject: 'n1/hot-tier/mirror-0' },
      { code: 'DISK_REMOVED', subject: 'n1/hot-tier/sdb' },
    ],
  },
  { host: 'n1', pool: 'hot-tier', disk: 'sdb' },
  { state: 'REMOVED' },
)

export const diskErrors = diskFault(
  {
    name: 'disk-errors',
    title: 'One disk of n3/warm-tier has returned wrong data, which ZFS has repaired',
    expects: [{ code: 'DISK_ERRORS', subject: 'n3/warm-tier/sdd' }],
  },
  { host: 'n3', pool: 'warm-tier', disk: 'sdd' },
  { checksumErrors: 12 },
)

/** Blocks whose other copies are gone too, and that nobody has read since. */
export const damageUnread: Fault = (() => {
  const checksums = diskFault(
    {
      name: 'damage-unread',
      title:
        'A disk of n2/warm-tier gives back wrong data; of some blocks that nobody has read since, no good copy is left',
      expects: [{ code: 'DISK_ERRORS', subject: 'n2/warm-tier/sde' }],
    },
    { host: 'n2', pool: 'warm-tier', disk: 'sde' },
    { checksumErrors: 7 },
  )
  return {
    ...checksums,
    apply: (world) => {
      checksums.apply(world)
      damagedPool(world).hiddenDamage = [...unreadFiles]
    },
    mend: (world) => {
      checksums.mend(world)
      damagedPool(world).hiddenDamage = []
    },
  }
})()

const damagedPool = (world: World) => poolOf(hostOf(world, 'n2'), 'warm-tier')

/** A block of Kubo, and a file that is none. */
const unreadFiles = [
  '/warm-tier/ipfs-cluster/kubo/blocks/X3/CIQFTFEEHEDF6KLBT32BFAGLXEZL4UWFNWM4LFTLMXQBCERZ6CMLX3Y.data',
  '/warm-tier/ipfs-cluster/kubo/datastore/000042.sst',
] as const
