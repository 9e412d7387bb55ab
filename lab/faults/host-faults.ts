import { setClock } from '../guests.ts'
import { inTarget, type Fault } from './fault.ts'

export const unmountStore: Fault = {
  name: 'unmount',
  mendName: 'mount',
  title: 'the dataset of the blocks of hot-tier is unmounted, under a Kubo that was stopped first',
  takes: ['guest'],
  async break(lab, target) {
    await inTarget(
      lab,
      target,
      `systemctl stop 'ipfs-cluster@*' 'ipfs@*' 2> /dev/null || true
zfs unmount hot-tier/ipfs-cluster/kubo/blocks`,
    )
  },
  async mend(lab, target) {
    await inTarget(
      lab,
      target,
      `zfs mount hot-tier/ipfs-cluster/kubo/blocks
if test -e /etc/systemd/system/ipfs@.service; then
  systemctl start ipfs@hot < /dev/null
  systemctl start ipfs-cluster@hot < /dev/null
fi`,
      240_000,
    )
  },
}

/** How far the clock is moved, in seconds. */
const moved = 600

export const moveClock: Fault = {
  name: 'move-clock',
  mendName: 'set-clock',
  title: `the clock of a guest is set ${moved / 60} minutes ahead`,
  takes: ['guest'],
  async break(lab, target) {
    await inTarget(lab, target, `date -s @${Math.round(Date.now() / 1000) + moved}`)
  },
  async mend(lab, target) {
    await inTarget(lab, target, setClock)
  },
}
