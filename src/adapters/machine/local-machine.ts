import { readFileSync } from 'node:fs'
import { NotPermitted } from '../../domain/errors.ts'
import type { Machine } from '../../domain/ports/machine.ts'
import type { Executor } from '../agent/executor-client.ts'
import { readDiskstats } from '../disks/diskstats.ts'
import { diskNames, readDisks } from '../disks/kernel-disks.ts'
import { readSmart } from '../disks/smart-reports.ts'
import { runSmartctl } from '../disks/smartctl.ts'
import type { Exec } from '../system/exec.ts'
import { type BootNotes, bootNotes } from './boot-notes.ts'
import { readMachineFacts } from './facts.ts'
import { readFileSystems } from './filesystems.ts'
import { readHostId } from './host-id.ts'
import { readKernels } from './kernels.ts'
import { readSchedulers } from './schedulers.ts'
import { readServices, serviceFiles } from './services.ts'
import { systemClock } from '../system/clock.ts'

/** The machine that this process runs on. */
export function localMachine(options: {
  exec: Exec
  executor: Executor | undefined
  isRoot: boolean
  notes?: BootNotes
}): Machine {
  const { exec, executor, isRoot, notes = withoutNotes(exec) } = options
  return {
    facts: async () => readMachineFacts(),
    services: (units, signal) => readServices({ exec, files: serviceFiles }, units, signal),
    async installed(signal) {
      const [kernels, schedulers, hostId] = await Promise.all([
        readKernels(exec, signal),
        readSchedulers({ exec, hasSystemd: serviceFiles.bootedBySystemd() }, signal),
        readHostId(exec, signal),
      ])
      return { kernels, schedulers, hostId }
    },
    boot: () => notes.look(),
    filesystems: (signal) => readFileSystems(exec, signal),
    // Synchronous on purpose: /sys, /run and /proc never block, and an asynchronous read could queue behind one that does.
    disks: async () => readDisks(),
    io: async () => readDiskstats(),
    async smart(signal) {
      const disks = diskNames().filter((name) => !name.startsWith('dm-'))
      if (isRoot) return readSmart(disks, (disk) => runSmartctl(exec, disk, { signal }), signal)
      if (executor === undefined) {
        throw new NotPermitted(
          'SMART is read by root only',
          'run it as root, or install agent and executor: sudo tiercel agent install',
        )
      }
      return readSmart(disks, (disk) => executor.smart(disk, signal), signal)
    },
  }
}

/** Only the agent keeps notes on boots. */
const withoutNotes = (exec: Exec): BootNotes => agentNotes(exec, undefined)

/** The agent's notes, in its state folder (systemd.exec(5): StateDirectory gives STATE_DIRECTORY). */
export const agentNotes = (exec: Exec, folder: string | undefined): BootNotes =>
  bootNotes({ folder, exec, now: () => systemClock.now(), read: (path) => readFileSync(path, 'utf8') })
