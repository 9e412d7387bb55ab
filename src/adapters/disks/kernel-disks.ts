import { readdirSync, readFileSync } from 'node:fs'
import { Bytes } from '../../domain/units.ts'
import type { Disk } from '../../domain/disk.ts'

/**
 * What is read of the kernel's and udev's own memory: /sys/block, and udev's notes in /run/udev/data. Neither asks a disk
 * anything, so a disk that hangs blocks nothing; /sys/block/vda/serial would, which is why it is not read.
 */
export interface DeviceFiles {
  list(folder: string): string[]
  /** Undefined where there is no such file. */
  read(path: string): string | undefined
}

export const deviceFiles: DeviceFiles = {
  list: (folder) => {
    try {
      return readdirSync(folder)
    } catch {
      return []
    }
  },
  read: (path) => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  },
}

/** Disks, and devices mapped onto them. No loops, RAM disks, optical drives, or volumes of ZFS itself. */
const kinds = /^(sd[a-z]+|vd[a-z]+|xvd[a-z]+|hd[a-z]+|nvme\d+n\d+|mmcblk\d+|pmem\d+|dm-\d+)$/

/** The names of the kernel's disks, and nothing else: what a caller names must be one of them. */
export const diskNames = (files: DeviceFiles = deviceFiles): string[] =>
  files
    .list('/sys/block')
    .filter((name) => kinds.test(name))
    .toSorted(byName)

const byName = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)

/** The disks of this machine. Synchronous: sysfs and /run never block, and an asynchronous read could queue behind one that does. */
export function readDisks(files: DeviceFiles = deviceFiles): Disk[] {
  return diskNames(files)
    .slice(0, maxDisks)
    .flatMap((name) => {
      const folder = `/sys/block/${name}`
      const size = wholeIn(files.read(`${folder}/size`))
      // A drive without a medium has size 0; one that went away in between has none.
      if (size === undefined || size === 0) return []
      const partitions = files
        .list(folder)
        .filter((entry) => entry.startsWith(name) && files.read(`${folder}/${entry}/partition`) !== undefined)
      const udev = udevNotes(files, `${folder}/dev`)
      const rotational = files.read(`${folder}/queue/rotational`)?.trim()
      const links = Object.fromEntries(udev.links.map((link) => [link, name]))
      for (const partition of partitions) {
        const notes = udevNotes(files, `${folder}/${partition}/dev`)
        if (notes.values.get('ID_FS_TYPE') !== 'zfs_member') continue
        for (const link of notes.links) if (link.startsWith('disk/by-part')) links[link] = partition
      }
      return [
        {
          name,
          model: text(udev.values.get('ID_MODEL')?.replaceAll('_', ' ') ?? files.read(`${folder}/device/model`)),
          serial: text(udev.values.get('ID_SERIAL_SHORT') ?? udev.values.get('ID_SERIAL')),
          // Always in units of 512 bytes, whatever the disk's sectors are (kernel, block/stat).
          size: Bytes.parse(size * 512),
          rotational: rotational === '1' ? true : rotational === '0' ? false : null,
          partitions: partitions.toSorted(byName),
          links,
        },
      ]
    })
}

/** More disks than one host holds; an observation stays bounded. */
const maxDisks = 1024
const maxLinks = 16

/** udev(7), its database: `E:KEY=VALUE` and `S:LINK` lines, by `b` and the device's numbers. */
function udevNotes(files: DeviceFiles, deviceFile: string): { values: Map<string, string>; links: string[] } {
  const numbers = files.read(deviceFile)?.trim() ?? ''
  const notes = /^\d+:\d+$/.test(numbers) ? (files.read(`/run/udev/data/b${numbers}`) ?? '') : ''
  const values = new Map<string, string>()
  const links: string[] = []
  for (const line of notes.split('\n')) {
    const [, key, value] = /^E:([^=]+)=(.*)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined) values.set(key, value)
    const link = /^S:(.+)$/.exec(line)?.[1]
    if (link !== undefined && links.length < maxLinks && link.length <= 200) links.push(link)
  }
  return { values, links }
}

function wholeIn(content: string | undefined): number | undefined {
  const digits = content?.trim() ?? ''
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}

const text = (content: string | undefined): string => (content ?? '').trim().slice(0, 100)
