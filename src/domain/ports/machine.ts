import type { FileSystem } from '../filesystem.ts'
import type { Disk } from '../disk.ts'
import type { IoSample } from '../disk-io.ts'
import type { Boot, Installed, MachineFacts, Services } from '../machine.ts'
import type { Smart } from '../smart.ts'

/** What we ask of one host beside its ZFS. Reads only. */
export interface Machine {
  facts(signal?: AbortSignal): Promise<MachineFacts>
  /** The units of the given names, in that order, and whether a ZED runs. */
  services(units: readonly string[], signal?: AbortSignal): Promise<Services>
  installed(signal?: AbortSignal): Promise<Installed>
  boot(signal?: AbortSignal): Promise<Boot>
  /** Those of the host's own with a fixed number of inodes; none on a host whose system is on ZFS. */
  filesystems(signal?: AbortSignal): Promise<FileSystem[]>
  disks(signal?: AbortSignal): Promise<Disk[]>
  /** The counters of block devices; never blocks. */
  io(signal?: AbortSignal): Promise<IoSample>
  /** SMART of all disks. Throws `NotPermitted` without the rights for it; without smartctl, it says how to get it. */
  smart(signal?: AbortSignal): Promise<Omit<Smart, 'first'>>
}
