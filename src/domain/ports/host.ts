import type { Privileges } from '../observation.ts'
import type { Content } from './content.ts'
import type { DamageNotes } from './damage-notes.ts'
import type { Daemons } from './daemons.ts'
import type { Machine } from './machine.ts'
import type { PinIndex } from './pin-index.ts'
import type { Pinning } from './pinning.ts'
import type { Storage } from './storage.ts'
import type { LocalStore } from '../fleet.ts'

/** One host as its observer sees it: its ZFS, and the daemons of each store. */
export interface HostPorts {
  name: string
  machine: Machine
  /** Undefined where no store is on ZFS. */
  storage: Storage | undefined
  /** Rejects with `NotPermitted`, and how to permit it, where nobody with the rights answers. */
  privileges(signal?: AbortSignal): Promise<Privileges>
  stores: readonly StorePorts[]
  /** Undefined where nothing outlives the process that looks. */
  damageNotes?: DamageNotes | undefined
}

export interface StorePorts {
  declaration: LocalStore
  /** Undefined where the store's declaration gives no address. */
  pinning: Pinning | undefined
  content: Content | undefined
  daemons: Daemons
  /** Undefined where nobody keeps one: without an agent, or without an address of the Cluster. */
  pinIndex: PinIndex | undefined
}
