import { open } from 'node:fs/promises'
import { join } from 'node:path'

import { LabError } from '../errors.ts'
import type { Lab } from '../open-lab.ts'
import { diskPath } from '../pools.ts'
import { waitFor } from '../processes.ts'
import { diskDevice } from '../qemu.ts'
import { qmp } from '../qmp.ts'
import type { LabGuest } from '../state.ts'
import { inTarget, targetGuest, targetPool, type Fault, type FaultTarget } from './fault.ts'

export const pullDisk: Fault = {
  name: 'pull-disk',
  mendName: 'return-disk',
  title: 'one disk of a pool is unplugged while the guest runs',
  takes: ['guest', 'pool'],
  async break(lab, target) {
    const disk = lastDisk(target)
    await unplug(targetGuest(lab, target), disk)
    await waitForDisk(lab, target, disk, 'gone')
    // Without a write nobody looks at the disk: a pool that rests goes on calling it ONLINE.
    const pool = targetPool(target, 'hot-tier').name
    await inTarget(
      lab,
      target,
      `for try in $(seq 30); do
  date +%N > /${pool}/lab-pull
  zpool sync ${pool}
  zpool status ${pool} | grep -qE '${disk} +(REMOVED|UNAVAIL|FAULTED)' && exit 0
  sleep 0.5
done
echo "${pool} does not miss ${disk}" >&2
exit 1`,
    )
  },
  async mend(lab, target) {
    const disk = lastDisk(target)
    const pool = targetPool(target, 'hot-tier').name
    await plug(targetGuest(lab, target), disk)
    await waitForDisk(lab, target, disk, 'there')
    await inTarget(
      lab,
      target,
      `zpool online ${pool} ${diskPath(disk)}
zpool clear ${pool}
${untilHealthy(pool)}
rm -f /${pool}/lab-pull`,
    )
  },
}

/** The pool whose disks all go away. */
const suspendedPool = 'warm-tier'

/**
 * Unplugging the devices suspends a pool just as well, but 2.1.11 cannot be brought back from it: the devices return under new kernel
 * names, `zpool clear` says "I/O error", and only a new start of the host helps (seen on 2.1.11; 2.3.2 resumes).
 */
export const suspendPool: Fault = {
  name: 'suspend',
  mendName: 'resume',
  title: 'all disks of warm-tier stop answering (the kernel takes them offline), and the next write suspends the pool',
  takes: ['guest'],
  async break(lab, target) {
    const { name, disks } = targetPool({}, suspendedPool)
    // The write hangs in the kernel until the pool is resumed; it must not hold this connection open.
    await inTarget(
      lab,
      target,
      `${setDisks(disks, 'offline')}
setsid sh -c 'echo written while suspended > /${name}/lab-suspend; sync /${name}/lab-suspend' > /dev/null 2>&1 < /dev/null &
for try in $(seq 300); do
  test "$(cat /proc/spl/kstat/zfs/${name}/state)" = SUSPENDED && exit 0
  sleep 0.2
done
echo "${name} was not suspended: $(cat /proc/spl/kstat/zfs/${name}/state)" >&2
exit 1`,
      180_000,
    )
  },
  async mend(lab, target) {
    const { name, disks } = targetPool({}, suspendedPool)
    await inTarget(
      lab,
      target,
      `${setDisks(disks, 'running')}
for try in 1 2 3 4 5; do
  zpool clear ${name} < /dev/null && break
  sleep 1
done
${untilHealthy(name)}
rm -f /${name}/lab-suspend`,
      180_000,
    )
  },
}

/** The state of SCSI devices: `offline` fails all I/O at once, `running` ends that. */
function setDisks(disks: readonly string[], state: 'offline' | 'running'): string {
  return `for disk in ${disks.map(diskPath).join(' ')}; do
  echo ${state} > "/sys/block/$(basename "$(readlink -f "$disk")")/device/state"
done`
}

/** How many blocks are damaged. Below the ten in ten minutes at which ZED calls a disk degraded (vdevprops(7), checksum_n). */
const damagedBlocks = 4
const corruptedPool = 'hot-tier'
const recordBytes = 128 * 1024
const markerBytes = 64

export const corruptMirror: Fault = {
  name: 'corrupt',
  mendName: 'mend',
  title: 'bytes are changed on one side of the mirror hot-tier, and a scrub finds and repairs them',
  takes: ['guest'],
  async break(lab, target) {
    const guest = targetGuest(lab, target)
    const marker = `tiercel-lab-marker-${Date.now()}-`.padEnd(markerBytes, '#')
    await inTarget(
      lab,
      target,
      `zfs list -H -o name ${corruptedPool}/lab-corrupt > /dev/null 2>&1 || zfs create -o compression=off -o recordsize=128k ${corruptedPool}/lab-corrupt
for block in $(seq ${damagedBlocks}); do
  printf '%s' '${marker}'
  head -c ${recordBytes - markerBytes} /dev/zero
done > /${corruptedPool}/lab-corrupt/data
zpool sync ${corruptedPool}`,
    )
    const disk = lastDisk({ pool: corruptedPool })
    const count = await damage(join(guest.folder, 'disks', `${disk}.raw`), Buffer.from(marker))
    if (count !== damagedBlocks) throw new LabError(`${count} blocks were damaged on ${disk}, not ${damagedBlocks}`)
    await inTarget(lab, target, scrub(corruptedPool), 180_000)
  },
  async mend(lab, target) {
    await inTarget(
      lab,
      target,
      `zfs destroy -r ${corruptedPool}/lab-corrupt 2> /dev/null || true
zpool clear ${corruptedPool}
${scrub(corruptedPool)}
${untilHealthy(corruptedPool)}`,
      180_000,
    )
  },
}

/**
 * Changes the beginning of each record that holds this text, in a raw disk of a guest that runs. QEMU reads and writes these
 * files through the page cache of this machine, so the guest sees the change at once. Gives the number of records changed.
 */
async function damage(path: string, marker: Buffer): Promise<number> {
  await using file = await open(path, 'r+')
  const { size } = await file.stat()
  const chunk = Buffer.alloc(1024 * 1024)
  const other = Buffer.alloc(markerBytes, 0xa5)
  let count = 0
  for (let at = 0; at < size; at += chunk.length) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at)
    // Records and partitions begin on multiples of 4 KiB on these disks (ashift=12).
    for (let offset = 0; offset < bytesRead; offset += 4096) {
      if (!chunk.subarray(offset, offset + marker.length).equals(marker)) continue
      await file.write(other, 0, other.length, at + offset)
      count += 1
    }
  }
  return count
}

/** A scrub of its own, to its end: one that runs already may be past the place. */
function scrub(pool: string): string {
  return `zpool wait -t scrub,resilver ${pool}
zpool scrub ${pool}
zpool wait -t scrub ${pool}`
}

function untilHealthy(pool: string): string {
  return `for try in $(seq 300); do
  zpool status ${pool} | grep -q 'state: ONLINE' && ! zpool status ${pool} | grep -qE 'in progress|OFFLINE|REMOVED|UNAVAIL|FAULTED|DEGRADED' && break
  sleep 0.2
done
zpool wait -t resilver ${pool}
zpool clear ${pool}
test "$(zpool list -H -o health ${pool})" = ONLINE`
}

function lastDisk(target: FaultTarget): string {
  const disk = targetPool(target, 'hot-tier').disks.at(-1)
  if (disk === undefined) throw new LabError('a pool without disks')
  return disk
}

/** Asks the guest to give the device up, as a pulled cable does; a device that is gone already stays gone. */
async function unplug(guest: LabGuest, disk: string): Promise<void> {
  const { id } = diskDevice(disk)
  if (await isPlugged(guest, disk)) await qmp(guest.qmpSocket, 'device_del', { id })
  const gone = await waitFor(async () => !(await isPlugged(guest, disk)), 30_000)
  if (!gone) throw new LabError(`${guest.name} did not give up ${disk}`)
}

async function plug(guest: LabGuest, disk: string): Promise<void> {
  if (!(await isPlugged(guest, disk))) await qmp(guest.qmpSocket, 'device_add', diskDevice(disk))
}

async function isPlugged(guest: LabGuest, disk: string): Promise<boolean> {
  const { id } = diskDevice(disk)
  const devices = await qmp(guest.qmpSocket, 'qom-list', { path: '/machine/peripheral' })
  return Array.isArray(devices) && devices.some((each: unknown) => isNamed(each, id))
}

function isNamed(value: unknown, name: string | undefined): boolean {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === name
}

/** Waits until udev in the guest has followed. */
async function waitForDisk(lab: Lab, target: FaultTarget, disk: string, state: 'there' | 'gone'): Promise<void> {
  const path = `${diskPath(disk)}-part1`
  const test = state === 'there' ? `test -e ${path}` : `! test -e ${path}`
  await inTarget(
    lab,
    target,
    `for try in $(seq 150); do { ${test}; } && exit 0; sleep 0.2; done
echo "${path} is not ${state} after 30 s" >&2
exit 1`,
  )
}
