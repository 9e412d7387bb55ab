import { diskPath, spareDisk } from '../pools.ts'
import { inTarget, targetGuest, type Fault } from './fault.ts'
import { plug, unplug, waitForDisk } from './plug.ts'
import { scrub, untilHealthy } from './scrub.ts'

const pool = 'hot-tier'
const pulled = 'hot-1'

export const spareTakesOver: Fault = {
  name: 'spare-takes-over',
  mendName: 'spare-returns',
  title: 'one side of the mirror hot-tier is unplugged, and ZED puts a spare in its place',
  takes: ['guest'],
  async break(lab, target) {
    await inTarget(
      lab,
      target,
      `zpool status ${pool} | grep -q spares || zpool add -f ${pool} spare ${diskPath(spareDisk)}`,
    )
    await unplug(targetGuest(lab, target), pulled)
    await waitForDisk(lab, target, pulled, 'gone')
    await inTarget(
      lab,
      target,
      `for try in $(seq 60); do
  date +%N > /${pool}/lab-spare
  zpool sync ${pool}
  zpool status ${pool} | grep -q INUSE && exit 0
  sleep 1
done
zpool status ${pool} >&2
exit 1`,
      180_000,
    )
  },
  async mend(lab, target) {
    await plug(targetGuest(lab, target), pulled)
    await waitForDisk(lab, target, pulled, 'there')
    await inTarget(
      lab,
      target,
      `zpool wait -t resilver ${pool}
zpool online ${pool} ${diskPath(pulled)}
zpool wait -t resilver ${pool}
zpool status ${pool} | grep -q INUSE && zpool detach ${pool} ${diskPath(spareDisk)}
zpool remove ${pool} ${diskPath(spareDisk)}
zpool clear ${pool}
${untilHealthy(pool)}
rm -f /${pool}/lab-spare
${scrub(pool)}`,
      300_000,
    )
  },
}
