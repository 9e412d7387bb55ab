import { days, seconds } from '../../domain/units.ts'
import { arcCounters } from '../sim-storage.ts'
import { hostOf, poolOf } from '../lookup.ts'
import type { World } from '../world.ts'
import type { Fault } from './fault.ts'

export const scrubOverdue: Fault = {
  name: 'scrub-overdue',
  title: 'Nobody has scrubbed n1/cold-tier for more than 42 days',
  expects: [{ code: 'SCRUB_OVERDUE', subject: 'n1/cold-tier' }],
  settlesAfter: seconds(0),
  apply: (world) => {
    poolOf(hostOf(world, 'n1'), 'cold-tier').scrubs.stoppedAt = world.now - days(42)
  },
  mend: (world) => {
    poolOf(hostOf(world, 'n1'), 'cold-tier').scrubs.stoppedAt = null
  },
}

/** From now on the counters grow in another way; what has been counted stays. */
function setHitShare(world: World, share: (usual: number) => number): void {
  const { arc } = hostOf(world, 'n3')
  const hitShare = share(arc.usualHitShare)
  Object.assign(arc, { ...arcCounters(arc, world.now), since: world.now, hitShare })
}

export const arcThrash: Fault = {
  name: 'arc-thrash',
  title: 'n3 reads far more than its ARC holds: little more than half of the accesses hit',
  expects: [{ code: 'ARC_HIT_RATIO_LOW', subject: 'n3' }],
  // Two samples of the counters have to lie after the change.
  settlesAfter: seconds(15),
  apply: (world) => setHitShare(world, () => 0.55),
  mend: (world) => setHitShare(world, (usual) => usual),
}
