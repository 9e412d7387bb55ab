import { seconds } from '../../domain/units.ts'
import { hostOf } from '../lookup.ts'
import type { SimHostState } from '../world.ts'
import type { Fault } from './fault.ts'

/** Something wrong with a machine, or with what is installed on it. */
const hostFault = (
  fault: Pick<Fault, 'name' | 'title'> & { code: string; host: string },
  change: (host: SimHostState) => void,
  undo: (host: SimHostState) => void,
): Fault => ({
  name: fault.name,
  title: fault.title,
  expects: [{ code: fault.code, subject: fault.host }],
  settlesAfter: seconds(0),
  apply: (world) => change(hostOf(world, fault.host)),
  mend: (world) => undo(hostOf(world, fault.host)),
})

export const clockWrong = hostFault(
  { name: 'clock-wrong', title: 'The clock of n2 is 40 seconds ahead', code: 'CLOCK_SKEW', host: 'n2' },
  ({ machine }) => {
    machine.clockOffset = 40_000
  },
  ({ machine }) => {
    machine.clockOffset = 0
  },
)

const GiB = 2 ** 30
/** What the memory of n1 has left when something has grown: with the rest of its ARC, some 4 of 64 GiB. */
const taken = 23 * GiB

export const memoryLow = hostFault(
  { name: 'memory-low', title: 'Something on n1 has taken nearly all memory', code: 'HOST_MEMORY_LOW', host: 'n1' },
  ({ machine, arc }) => {
    machine.memory.available -= taken
    arc.size -= 25 * GiB
  },
  ({ machine, arc }) => {
    machine.memory.available += taken
    arc.size += 25 * GiB
  },
)

export const zfsNotRestarted = hostFault(
  {
    name: 'zfs-not-restarted',
    title: 'The programs of ZFS on n3 were upgraded, and the old module is still loaded',
    code: 'ZFS_MODULE_MISMATCH',
    host: 'n3',
  },
  ({ zfs }) => {
    zfs.module = '2.3.2-2~bpo12+2'
  },
  ({ zfs }) => {
    zfs.module = zfs.userland
  },
)
