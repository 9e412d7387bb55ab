import type { MachineFacts } from '../machine.ts'

/** What we ask of one host beside its ZFS. Reads only. */
export interface Machine {
  facts(signal?: AbortSignal): Promise<MachineFacts>
}
