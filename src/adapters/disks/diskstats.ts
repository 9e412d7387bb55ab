import { readFileSync } from 'node:fs'
import { UnexpectedOutput } from '../../domain/errors.ts'
import type { DeviceCounters, IoSample } from '../../domain/disk-io.ts'

/**
 * /proc/diskstats never blocks and costs next to nothing, while `zpool iostat` is a child that waits for the lock that a
 * hanging `zpool` holds, and whose rows of vdevs carry no depth (`-H` prints none: facts of 2.1 to 2.3). What a pool does
 * is the sum over its devices.
 */
export const readDiskstats = (): IoSample => parseDiskstats(readFileSync('/proc/diskstats', 'utf8'))

/** Disks and partitions; loops, RAM disks, optical drives and the volumes of ZFS (`zd0`) are left out. */
const wanted =
  /^(sd[a-z]+\d*|vd[a-z]+\d*|xvd[a-z]+\d*|hd[a-z]+\d*|nvme\d+n\d+(p\d+)?|mmcblk\d+(p\d+)?|pmem\d+(p\d+)?|dm-\d+)$/

/**
 * `major minor name` and at least eleven counters (kernel, Documentation/admin-guide/iostats.rst; later kernels add more):
 * reads, merged, sectors, ms; writes, merged, sectors, ms; under way; busy ms; weighted ms. A sector is 512 bytes here.
 */
export function parseDiskstats(text: string): IoSample {
  const devices: Record<string, DeviceCounters> = {}
  for (const line of text.split('\n')) {
    const cells = line.trim().split(/\s+/)
    const name = cells[2] ?? ''
    if (!wanted.test(name)) continue
    const counters = cells.slice(3, 14).map((cell) => (/^\d{1,20}$/.test(cell) ? Number(cell) : Number.NaN))
    const [reads, , readSectors, readMs, writes, , writtenSectors, writeMs, , busyMs] = counters
    if (
      counters.length < 11 ||
      counters.some(Number.isNaN) ||
      reads === undefined ||
      readSectors === undefined ||
      readMs === undefined ||
      writes === undefined ||
      writtenSectors === undefined ||
      writeMs === undefined ||
      busyMs === undefined
    ) {
      throw new UnexpectedOutput(`/proc/diskstats has another form for ${name}`, line)
    }
    devices[name] = {
      reads,
      writes,
      readBytes: readSectors * 512,
      writtenBytes: writtenSectors * 512,
      readMs,
      writeMs,
      busyMs,
    }
  }
  return devices
}
