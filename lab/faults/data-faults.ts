import { join } from 'node:path'

import { LabError } from '../errors.ts'
import { labPools } from '../pools.ts'
import { damage, markerBytes } from './damage.ts'
import type { Lab } from '../open-lab.ts'
import { inTarget, targetGuest, type Fault, type FaultTarget } from './fault.ts'
import { scrub, untilHealthy } from './scrub.ts'

const recordBytes = 128 * 1024
/** A block file as Kubo names them (flatfs); the content is not that of the name, which nobody checks here. */
const name = 'CIQBED3K6YA5I3QQWLJOCHWXDRK5EXZQILBCKAPEDUJENZ5B5HJ5R3A'
/** Where the Kubo of a guest keeps its blocks. */
export const blocks = '/hot-tier/ipfs-cluster/kubo/blocks'

/** Where {@link damageBlock} puts the file that cannot be repaired. */
export const damagedBlock = `${blocks}/${name.slice(-3, -1)}/${name}.data`

/** Writes a block file whole; gives the text in it by which it is found on the disks. */
export async function writeDoomedBlock(lab: Lab, target: FaultTarget, path = damagedBlock): Promise<string> {
  const marker = `tiercel-lab-damage-${Date.now()}-`.padEnd(markerBytes, '#')
  // Random behind the marker: what lz4 could press would not lie on the disk as it is.
  await inTarget(
    lab,
    target,
    `mkdir -p ${path.slice(0, path.lastIndexOf('/'))}
{ printf '%s' '${marker}'; head -c ${recordBytes - markerBytes} /dev/urandom; } > ${path}
zpool sync hot-tier`,
  )
  return marker
}

/** Damages such a block file on both sides of the mirror. Nothing has noticed when this returns. */
export async function doomBlock(lab: Lab, target: FaultTarget, marker: string): Promise<void> {
  const guest = targetGuest(lab, target)
  for (const disk of labPools.find((pool) => pool.name === 'hot-tier')?.disks ?? []) {
    const count = await damage(join(guest.folder, 'disks', `${disk}.raw`), Buffer.from(marker))
    if (count !== 1) throw new LabError(`${count} records were damaged on ${disk}, not 1`)
  }
}

export const damageBlock: Fault = {
  name: 'damage-block',
  mendName: 'replace-block',
  title:
    'a block file in the Kubo of hot-tier is damaged on both sides of the mirror, beyond repair, and a scrub finds it',
  takes: ['guest'],
  async break(lab, target) {
    await doomBlock(lab, target, await writeDoomedBlock(lab, target))
    await inTarget(lab, target, scrub('hot-tier'), 180_000)
  },
  async mend(lab, target) {
    // ZFS forgets a damaged file after two scrubs without it.
    await inTarget(
      lab,
      target,
      `rm -f ${damagedBlock}
zpool clear hot-tier
${scrub('hot-tier')}
${scrub('hot-tier')}
${untilHealthy('hot-tier')}`,
      300_000,
    )
  },
}

export const raidzErrors: Fault = {
  name: 'raidz-errors',
  mendName: 'clear-errors',
  title:
    'one disk of the raidz2 cold-tier returns wrong data, which a scrub finds and repairs; the errors stay counted',
  takes: ['guest'],
  async break(lab, target) {
    const guest = targetGuest(lab, target)
    const marker = `tiercel-lab-raidz-${Date.now()}-`.padEnd(markerBytes, '#')
    // Short blocks: a stripe of one sector, which lies as a whole on one disk, and its parity on two others.
    await inTarget(
      lab,
      target,
      `zfs list -H -o name cold-tier/lab-errors > /dev/null 2>&1 || zfs create -o compression=off -o recordsize=4k cold-tier/lab-errors
for block in $(seq 40); do
  { printf '%s' '${marker}'; head -c ${4096 - markerBytes} /dev/zero; }
done > /cold-tier/lab-errors/data
zpool sync cold-tier`,
    )
    const count = await damage(join(guest.folder, 'disks', 'cold-0.raw'), Buffer.from(marker), 4)
    if (count === 0) throw new LabError('no block of the file lies on cold-0')
    await inTarget(lab, target, scrub('cold-tier'), 180_000)
  },
  async mend(lab, target) {
    await inTarget(
      lab,
      target,
      `zfs destroy -r cold-tier/lab-errors 2> /dev/null || true
zpool clear cold-tier
${scrub('cold-tier')}
${untilHealthy('cold-tier')}`,
      300_000,
    )
  },
}
