import { join } from 'node:path'

import { LabError } from '../errors.ts'
import { diskPath } from '../pools.ts'
import { damage, markerBytes } from './damage.ts'
import { inTarget, targetGuest, targetPool, type Fault, type FaultTarget } from './fault.ts'
import { plug, unplug, waitForDisk } from './plug.ts'
import { scrub, untilHealthy } from './scrub.ts'

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
rm -f /${name}/lab-suspend
# What could not be written is listed as damaged (POOL:<0x0>) until two scrubs have not met it.
${scrub(name)}
${scrub(name)}`,
      240_000,
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

function lastDisk(target: FaultTarget): string {
  const disk = targetPool(target, 'hot-tier').disks.at(-1)
  if (disk === undefined) throw new LabError('a pool without disks')
  return disk
}
