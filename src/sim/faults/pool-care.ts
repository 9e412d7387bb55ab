import { hours, seconds } from '../../domain/units.ts'
import { hostOf, poolOf } from '../lookup.ts'
import { newDisk } from '../new-disk.ts'
import type { SimPool } from '../sim-pool.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'
import { fillPool } from './filling.ts'

/** A fault of one pool, shown at once. */
const careFault = (
  fault: Pick<Fault, 'name' | 'title' | 'expects'> & { host: string; pool: string },
  apply: (pool: SimPool, world: World) => void,
  mend: (pool: SimPool) => void,
): Fault => ({
  name: fault.name,
  title: fault.title,
  expects: fault.expects,
  settlesAfter: seconds(0),
  apply: (world) => apply(poolOf(hostOf(world, fault.host), fault.pool), world),
  mend: (world) => mend(poolOf(hostOf(world, fault.host), fault.pool)),
})

export const diskBehind = careFault(
  {
    name: 'disk-behind',
    title: 'A disk of the raidz1 of n1/warm-tier was away, has come back, and is being resilvered',
    host: 'n1',
    pool: 'warm-tier',
    expects: [
      { code: 'REDUNDANCY_LOW', subject: 'n1/warm-tier/raidz1-0' },
      { code: 'RESILVER_RUNNING', subject: 'n1/warm-tier' },
      { code: 'SCRUB_OVERDUE', subject: 'n1/warm-tier', isInfo: true },
    ],
  },
  (pool, world) => {
    pool.resilver = { startedAt: world.now - hours(1), takes: hours(9) }
    setNote(pool, 'sdd', '(resilvering)')
  },
  (pool) => {
    pool.resilver = null
    setNote(pool, 'sdd', '')
  },
)

function setNote({ vdevs }: SimPool, name: string, note: string): void {
  for (const disk of vdevs.flatMap(({ disks }) => disks)) if (disk.name === name) disk.note = note
}

export const diskReplaced = careFault(
  {
    name: 'disk-replaced',
    title: 'A disk of n2/hot-tier that still works is being replaced by a new one',
    host: 'n2',
    pool: 'hot-tier',
    expects: [{ code: 'RESILVER_RUNNING', subject: 'n2/hot-tier', isInfo: true }],
  },
  (pool, world) => {
    pool.resilver = { startedAt: world.now - hours(2), takes: hours(5) }
    for (const { disks, replacements } of pool.vdevs.slice(0, 1)) {
      const size = disks[0]?.size ?? 0
      const disk = { ...newDisk('sdy', '1152921504606846976', size), note: '(resilvering)' }
      replacements.push({ of: 'sdb', guid: '2305843009213693952', disk })
    }
  },
  (pool) => {
    pool.resilver = null
    for (const vdev of pool.vdevs) vdev.replacements = []
  },
)

export const scrubPaused = careFault(
  {
    name: 'scrub-paused',
    title: 'Somebody has paused the scrub of n3/cold-tier, and forgotten it',
    host: 'n3',
    pool: 'cold-tier',
    expects: [{ code: 'SCRUB_OVERDUE', subject: 'n3/cold-tier' }],
  },
  ({ scrubs }, world) => {
    // An hour after the last one began.
    const begun = scrubs.first + Math.floor((world.now - scrubs.first) / scrubs.every) * scrubs.every
    scrubs.pausedAt = begun + hours(1)
  },
  ({ scrubs }) => {
    scrubs.pausedAt = null
  },
)

export const scrubErrors = careFault(
  {
    name: 'scrub-errors',
    title: 'The last scrub of n2/warm-tier found damage that it could not repair, in files that are gone since',
    host: 'n2',
    pool: 'warm-tier',
    expects: [{ code: 'SCRUB_ERRORS', subject: 'n2/warm-tier' }],
  },
  ({ scrubs }) => {
    scrubs.errors = 3
  },
  ({ scrubs }) => {
    scrubs.errors = 0
  },
)

/** What the free space of n3/warm-tier was like before. */
const fragmentedShare = 0.6

export const poolFragmented: Fault = {
  name: 'pool-fragmented',
  title: 'n3/warm-tier is three quarters full, and its free space lies in small pieces',
  expects: [
    { code: 'POOL_FRAGMENTED', subject: 'n3/warm-tier' },
    // The pool is no longer large enough for what its Kubo may hold.
    { code: 'STORAGE_MAX_MISLEADING', subject: 'n3/warm/kubo' },
  ],
  settlesAfter: seconds(0),
  apply: (world) => {
    fillPool(world, { host: 'n3', pool: 'warm-tier' }, 0.75)
    poolOf(hostOf(world, 'n3'), 'warm-tier').fragmentation += fragmentedShare
  },
  mend: (world) => {
    const pool = poolOf(hostOf(world, 'n3'), 'warm-tier')
    pool.ballast = 0
    // In hundredths, as it was made: a difference of shares would leave a trace.
    pool.fragmentation = Math.round((pool.fragmentation - fragmentedShare) * 100) / 100
  },
}

export const poolReadonly = careFault(
  {
    name: 'pool-readonly',
    title: 'n2/cold-tier was imported read-only after a failure, and was left so',
    host: 'n2',
    pool: 'cold-tier',
    expects: [{ code: 'POOL_READONLY', subject: 'n2/cold-tier' }],
  },
  (pool) => {
    pool.readonly = true
  },
  (pool) => {
    pool.readonly = false
  },
)

export const featuresDisabled = careFault(
  {
    name: 'features-disabled',
    title: 'OpenZFS of n1 was updated; cold-tier does not use its new features yet',
    host: 'n1',
    pool: 'cold-tier',
    expects: [{ code: 'POOL_FEATURES_DISABLED', subject: 'n1/cold-tier', isInfo: true }],
  },
  (pool) => {
    pool.featuresDisabled = true
  },
  (pool) => {
    pool.featuresDisabled = false
  },
)

/** A mirror of two for metadata, as full as it is said. */
const specialVdev = (fill: number): SimPool['vdevs'][number] => ({
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
  fill,
})

export const specialFull = careFault(
  {
    name: 'special-full',
    title: 'The special vdev of n1/warm-tier is 78 % full',
    host: 'n1',
    pool: 'warm-tier',
    expects: [{ code: 'SPECIAL_NEARLY_FULL', subject: 'n1/warm-tier/mirror-1' }],
  },
  ({ vdevs }) => void vdevs.push(specialVdev(0.78)),
  (pool) => {
    pool.vdevs = pool.vdevs.filter((vdev) => vdev.class !== 'special')
  },
)

export const undeclaredPool: Fault = {
  name: 'undeclared-pool',
  title: 'n3 has a pool that no store names',
  expects: [{ code: 'UNDECLARED_POOL', subject: 'n3/scratch', isInfo: true }],
  settlesAfter: seconds(0),
  apply: (world) => {
    const host = hostOf(world, 'n3')
    const like = structuredClone(poolOf(host, 'hot-tier'))
    for (const disk of like.vdevs.flatMap(({ disks }) => disks)) disk.guid = `9${disk.guid.slice(1)}`
    host.pools.push({ ...like, name: 'scratch', guid: `9${like.guid.slice(1)}` })
  },
  mend: (world) => {
    const host = hostOf(world, 'n3')
    host.pools = host.pools.filter(({ name }) => name !== 'scratch')
  },
}
