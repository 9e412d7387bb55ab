/** One pool of a guest: the runbook's names, each of another kind, on small disks. */
export interface LabPool {
  readonly name: string
  /** Its store and tier. */
  readonly tier: 'hot' | 'warm' | 'cold'
  readonly layout: 'mirror' | 'raidz1' | 'raidz2'
  readonly disks: readonly string[]
}

export const labPools: readonly LabPool[] = [
  { name: 'hot-tier', tier: 'hot', layout: 'mirror', disks: ['hot-0', 'hot-1'] },
  { name: 'warm-tier', tier: 'warm', layout: 'raidz1', disks: ['warm-0', 'warm-1', 'warm-2'] },
  { name: 'cold-tier', tier: 'cold', layout: 'raidz2', disks: ['cold-0', 'cold-1', 'cold-2', 'cold-3'] },
]

/** A disk of no pool, which a fault can make a spare of. */
export const spareDisk = 'spare-0'

/** Size of each disk, in bytes. Small, so that filling a pool takes seconds; sparse, so that ten of them take no room. */
export const diskBytes = 512 * 1024 * 1024

/** Where udev shows a disk of the lab in the guest: QEMU's names with the serial that we gave. */
export function diskPath(disk: string): string {
  return `/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_${disk}`
}

/** The dataset of a store, and its children as the runbook has them. */
export function storeDataset(pool: LabPool): string {
  return `${pool.name}/ipfs-cluster`
}

/** A shell script for the guest: makes the pools that it does not have, scrubs them once, and leaves others alone. */
export function poolScript(pools: readonly LabPool[]): string {
  const each = pools.map((pool) => {
    const store = storeDataset(pool)
    return `
if ! zpool list -H -o name ${pool.name} > /dev/null 2>&1; then
  for disk in ${pool.disks.map(diskPath).join(' ')}; do
    for try in $(seq 100); do test -e "$disk" && break; sleep 0.2; done
  done
  # On a busy machine udev may be late with the partitions that this makes, and the disks look gone to it.
  for try in 1 2 3 4 5; do
    udevadm settle --timeout=60
    zpool create -f -o ashift=12 -O atime=off -O xattr=sa -O compression=lz4 ${pool.name} ${pool.layout} ${pool.disks.map(diskPath).join(' ')} && break
    sleep 2
  done
  for dataset in ${store} ${store}/kubo ${store}/kubo/blocks ${store}/kubo/datastore ${store}/cluster; do
    zfs create "$dataset"
  done
  zpool sync ${pool.name}
  # What a late udev made of the disks while the pool was new is over, and says nothing about it.
  zpool wait -t resilver,scrub ${pool.name}
  zpool clear ${pool.name}
  zpool scrub ${pool.name}
  zpool wait -t scrub ${pool.name}
  zpool clear ${pool.name}
fi`
  })
  return `modprobe zfs\n${each.join('\n')}\n`
}
