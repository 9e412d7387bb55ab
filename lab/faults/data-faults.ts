import { join } from 'node:path'

import { LabError } from '../errors.ts'
import { labPools } from '../pools.ts'
import { damage, markerBytes } from './damage.ts'
import { inTarget, targetGuest, type Fault } from './fault.ts'
import { scrub, untilHealthy } from './scrub.ts'

const recordBytes = 128 * 1024
/** A block file as Kubo names them (flatfs); the content is not that of the name, which nobody checks here. */
const name = 'CIQBED3K6YA5I3QQWLJOCHWXDRK5EXZQILBCKAPEDUJENZ5B5HJ5R3A'
const blocks = '/hot-tier/ipfs-cluster/kubo/blocks'

/** Where {@link damageBlock} puts the file that cannot be repaired. */
export const damagedBlock = `${blocks}/${name.slice(-3, -1)}/${name}.data`

export const damageBlock: Fault = {
  name: 'damage-block',
  mendName: 'replace-block',
  title:
    'a block file in the Kubo of hot-tier is damaged on both sides of the mirror, beyond repair, and a scrub finds it',
  takes: ['guest'],
  async break(lab, target) {
    const guest = targetGuest(lab, target)
    const marker = `tiercel-lab-damage-${Date.now()}-`.padEnd(markerBytes, '#')
    // Random behind the marker: what lz4 could press would not lie on the disk as it is.
    await inTarget(
      lab,
      target,
      `mkdir -p ${damagedBlock.slice(0, damagedBlock.lastIndexOf('/'))}
{ printf '%s' '${marker}'; head -c ${recordBytes - markerBytes} /dev/urandom; } > ${damagedBlock}
zpool sync hot-tier`,
    )
    for (const disk of labPools.find((pool) => pool.name === 'hot-tier')?.disks ?? []) {
      const count = await damage(join(guest.folder, 'disks', `${disk}.raw`), Buffer.from(marker))
      if (count !== 1) throw new LabError(`${count} records were damaged on ${disk}, not 1`)
    }
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
