import { type Duration, hours, minutes, seconds } from '../../domain/units.ts'
import { hostOf, storeOf } from '../lookup.ts'
import type { SimHostState } from '../world.ts'
import type { Fault } from './fault.ts'

/** Something wrong with a machine, or with what is installed on it. */
const hostFault = (
  fault: Pick<Fault, 'name' | 'title'> & { code: string; host: string; subject?: string; settlesAfter?: Duration },
  change: (host: SimHostState) => void,
  undo: (host: SimHostState) => void,
): Fault => ({
  name: fault.name,
  title: fault.title,
  expects: [{ code: fault.code, subject: fault.subject ?? fault.host }],
  settlesAfter: fault.settlesAfter ?? seconds(0),
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

export const inodesLow = hostFault(
  {
    name: 'inodes-low',
    title: 'Very many small files have taken nearly all inodes of the disk of n2',
    code: 'INODES_LOW',
    host: 'n2',
    subject: 'n2/filesystem:/',
  },
  ({ machine }) => {
    machine.inodesUsed += 15_000_000
  },
  ({ machine }) => {
    machine.inodesUsed -= 15_000_000
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

/** What is installed is looked at this often. */
const untilLooked = minutes(10)

export const nextKernelWithoutZfs = hostFault(
  {
    name: 'next-kernel-without-zfs',
    title: 'A newer kernel was installed on n1, and DKMS could not build its ZFS module',
    code: 'NEXT_KERNEL_WITHOUT_ZFS',
    host: 'n1',
    settlesAfter: untilLooked,
  },
  ({ machine }) => {
    machine.kernels.push({ release: '6.1.0-42-amd64', hasZfs: false })
  },
  ({ machine }) => {
    machine.kernels.pop()
  },
)

export const hostIdShared: Fault = {
  name: 'hostid-shared',
  title: 'n3 was cloned from the image of n2, with its host ID',
  expects: ['n2', 'n3'].map((subject) => ({ code: 'HOSTID_MISSING_OR_SHARED', subject })),
  settlesAfter: untilLooked,
  apply: (world) => {
    hostOf(world, 'n3').machine.hostId = hostOf(world, 'n2').machine.hostId
  },
  mend: (world) => {
    hostOf(world, 'n3').machine.hostId = '9f2a1c02'
  },
}

export const foreignScheduler = hostFault(
  {
    name: 'foreign-scheduler',
    title: 'Somebody has installed sanoid on n2: it takes and drops snapshots by rules of its own',
    code: 'FOREIGN_SCHEDULER',
    host: 'n2',
    settlesAfter: untilLooked,
  },
  ({ machine }) => {
    machine.schedulers.push({ name: 'sanoid', place: 'sanoid.timer', does: ['snapshot'] })
  },
  ({ machine }) => {
    machine.schedulers.pop()
  },
)

export const foreignScrubber = hostFault(
  {
    name: 'foreign-scrubber',
    title: 'A script of somebody scrubs the pools of n3 every week, and takes snapshots of them',
    code: 'FOREIGN_SCHEDULER',
    host: 'n3',
    settlesAfter: untilLooked,
  },
  ({ machine }) => {
    machine.schedulers.push({ name: 'pool-care', place: '/etc/cron.weekly/pool-care', does: ['scrub', 'snapshot'] })
  },
  ({ machine }) => {
    machine.schedulers.pop()
  },
)

export const zedStopped = hostFault(
  { name: 'zed-stopped', title: 'ZED does not run on n2', code: 'ZED_NOT_RUNNING', host: 'n2' },
  ({ machine }) => {
    machine.zedRuns = false
  },
  ({ machine }) => {
    machine.zedRuns = true
  },
)

export const powerLost: Fault = {
  name: 'power-lost',
  title: 'n3 has lost its power an hour ago, and came back',
  expects: [{ code: 'UNCLEAN_STOP', subject: 'n3' }],
  settlesAfter: untilLooked,
  apply: (world) => {
    const { machine } = hostOf(world, 'n3')
    machine.previousEnded = 'unclean'
    machine.bootedAt += hours(40 * 24 - 1)
  },
  mend: (world) => {
    const { machine } = hostOf(world, 'n3')
    machine.previousEnded = 'clean'
    machine.bootedAt -= hours(40 * 24 - 1)
  },
}

export const serviceStopped: Fault = {
  name: 'service-stopped',
  title: 'Somebody has stopped the unit of the Kubo of n2/warm',
  expects: [
    { code: 'SERVICE_NOT_RUNNING', subject: 'n2/warm/kubo' },
    { code: 'KUBO_UNREACHABLE', subject: 'n2/warm/kubo' },
    { code: 'PINS_UNDER_REPLICATED', subject: 'main' },
  ],
  settlesAfter: seconds(0),
  apply: (world) => {
    const host = hostOf(world, 'n2')
    host.machine.stoppedUnits.push('ipfs@warm.service')
    storeOf(host, 'warm').kubo.downSince = world.now
  },
  mend: (world) => {
    const host = hostOf(world, 'n2')
    host.machine.stoppedUnits.pop()
    storeOf(host, 'warm').kubo.downSince = null
  },
}
