import { minutes } from '../../domain/units.ts'
import { hostOf } from '../lookup.ts'
import type { SmartReport } from '../../domain/smart.ts'
import type { Fault } from './fault.ts'

/** SMART is looked at this often. */
const untilRead = minutes(30)

const smartFault = (
  fault: Pick<Fault, 'name' | 'title'>,
  { host, pool, disk }: { host: string; pool: string; disk: string },
  says: Partial<SmartReport>,
): Fault => ({
  ...fault,
  expects: [{ code: 'DISK_SMART', subject: `${host}/${pool}/${disk}` }],
  settlesAfter: untilRead,
  apply: (world) => {
    hostOf(world, host).machine.smartFlaws[disk] = says
  },
  mend: (world) => {
    delete hostOf(world, host).machine.smartFlaws[disk]
  },
})

export const smartFailing = smartFault(
  { name: 'smart-failing', title: 'A disk of n2/cold-tier says itself that it is failing' },
  { host: 'n2', pool: 'cold-tier', disk: 'sdg' },
  { passed: false, reallocated: 1975, pending: 8, failingNow: ['Reallocated_Sector_Ct'] },
)

export const smartPending = smartFault(
  { name: 'smart-pending', title: 'Sectors of a disk of n1/warm-tier cannot be read any more, says its SMART' },
  { host: 'n1', pool: 'warm-tier', disk: 'sdd' },
  { pending: 16, uncorrectable: 16 },
)

export const diskSlow: Fault = {
  name: 'disk-slow',
  title: 'A disk of n3/cold-tier takes fifteen times as long as the others of its vdev',
  expects: [{ code: 'DISK_SLOW', subject: 'n3/cold-tier/sdj' }],
  // Judged over some minutes.
  settlesAfter: minutes(10),
  apply: (world) => {
    hostOf(world, 'n3').machine.slowDisks['sdj'] = { since: world.now, extra: 90 }
  },
  mend: (world) => {
    delete hostOf(world, 'n3').machine.slowDisks['sdj']
  },
}
