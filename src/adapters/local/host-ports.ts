import type { Executor } from '../agent/executor-client.ts'
import { clusterPinning } from '../cluster/cluster-pinning.ts'
import { localDaemons } from '../daemons/local-daemons.ts'
import { settingsReader } from '../daemons/read-settings.ts'
import { kuboContent } from '../kubo/kubo-content.ts'
import type { BootNotes } from '../machine/boot-notes.ts'
import { localMachine } from '../machine/local-machine.ts'
import type { Exec } from '../system/exec.ts'
import { localStorage } from '../zfs/storage.ts'
import type { LocalStore } from '../../domain/fleet.ts'
import { NotPermitted } from '../../domain/errors.ts'
import type { DamageNotes } from '../../domain/ports/damage-notes.ts'
import type { HostPorts } from '../../domain/ports/host.ts'
import type { PinIndex } from '../../domain/ports/pin-index.ts'

/** The ports of the machine that this process runs on: its own programs, its own daemons. */
export function localHost(options: {
  name: string
  stores: readonly LocalStore[]
  /** Whether to look at ZFS: false where no store is on it. */
  zfs: boolean
  exec: Exec
  /** Undefined where there is none to ask: then this process looks with its own rights. */
  executor: Executor | undefined
  /** Who keeps the pin index of a store, where somebody does. */
  pinIndex?: (store: LocalStore) => PinIndex | undefined
  /** The agent's notes on boots; undefined where nobody keeps any. */
  notes?: BootNotes
  /** Where the agent keeps what pools have listed as damaged. */
  damageNotes?: DamageNotes | undefined
}): HostPorts & { close(): Promise<void> } {
  const { name, stores, zfs, exec, executor, pinIndex, notes, damageNotes } = options
  const isRoot = process.getuid?.() === 0
  const readSettings = settingsReader({ exec, executor, isRoot })
  const opened = stores.map((declaration) => {
    const content = declaration.kuboApi === undefined ? undefined : kuboContent(declaration.kuboApi)
    return {
      declaration,
      pinning: declaration.clusterApi === undefined ? undefined : clusterPinning(declaration.clusterApi),
      content,
      daemons: localDaemons({ declaration, exec, content, readSettings }),
      pinIndex: pinIndex?.(declaration),
    }
  })
  return {
    name,
    machine: localMachine({ exec, executor, isRoot, ...(notes === undefined ? {} : { notes }) }),
    storage: zfs ? localStorage({ exec, executor, isRoot }) : undefined,
    async privileges(signal) {
      if (isRoot) return { by: 'root' }
      if (executor === undefined) {
        throw new NotPermitted(
          'looked without root, so the files with data errors cannot be named',
          'run it as root, or install agent and executor: sudo tiercel agent install',
        )
      }
      await executor.version(signal)
      return { by: 'executor' }
    },
    stores: opened,
    damageNotes,
    async close() {
      for (const { pinning, content } of opened) {
        await pinning?.close()
        await content?.close()
      }
    },
  }
}
