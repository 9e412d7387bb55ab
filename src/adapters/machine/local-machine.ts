import { readFileSync } from 'node:fs'
import type { Machine } from '../../domain/ports/machine.ts'
import type { Exec } from '../system/exec.ts'
import { type BootNotes, bootNotes } from './boot-notes.ts'
import { readMachineFacts } from './facts.ts'
import { readHostId } from './host-id.ts'
import { readKernels } from './kernels.ts'
import { readSchedulers } from './schedulers.ts'
import { readServices, serviceFiles } from './services.ts'
import { systemClock } from '../system/clock.ts'

/** The machine that this process runs on. */
export function localMachine({ exec, notes = withoutNotes(exec) }: { exec: Exec; notes?: BootNotes }): Machine {
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
  }
}

/** Only the agent keeps notes on boots. */
const withoutNotes = (exec: Exec): BootNotes => agentNotes(exec, undefined)

/** The agent's notes, in its state folder (systemd.exec(5): StateDirectory gives STATE_DIRECTORY). */
export const agentNotes = (exec: Exec, folder: string | undefined): BootNotes =>
  bootNotes({ folder, exec, now: () => systemClock.now(), read: (path) => readFileSync(path, 'utf8') })
