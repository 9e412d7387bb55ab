import type { Boot, Installed, MachineFacts, Services } from '../machine.ts'

/** What we ask of one host beside its ZFS. Reads only. */
export interface Machine {
  facts(signal?: AbortSignal): Promise<MachineFacts>
  /** The units of the given names, in that order, and whether a ZED runs. */
  services(units: readonly string[], signal?: AbortSignal): Promise<Services>
  installed(signal?: AbortSignal): Promise<Installed>
  boot(signal?: AbortSignal): Promise<Boot>
}
