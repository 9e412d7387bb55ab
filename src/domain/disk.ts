import { z } from 'zod'
import type { Vdev } from './pool-status.ts'
import { Bytes } from './units.ts'

/** One disk as the kernel has it, or a device mapped onto disks (dm-crypt, multipath). */
export const Disk = z.object({
  /** The kernel's name: `sda`, `nvme0n1`, `dm-0`. It can change at the next boot. */
  name: z.string().min(1),
  /** Empty where the device tells none, as many virtual disks. */
  model: z.string(),
  serial: z.string(),
  size: Bytes,
  rotational: z.boolean().nullable(),
  partitions: z.array(z.string()),
  /** Its other names under /dev, and those of its partitions that ZFS uses: `disk/by-id/…` → `sda`. */
  links: z.record(z.string(), z.string()),
})
export type Disk = z.infer<typeof Disk>

/** The disk under a leaf of a pool, and the device itself: `sda1` of `sda`. */
export interface DiskUnderLeaf {
  disk: Disk
  device: string
}

/** Finds the disk of a leaf by its path, or by its name; undefined for files, and for disks that are gone. */
export function diskUnder(
  disks: readonly Disk[],
  { path, name }: Pick<Vdev, 'path' | 'name'>,
): DiskUnderLeaf | undefined {
  return find(disks, bare(path ?? name)) ?? find(disks, bare(name))
}

/** The best name to know a disk by beyond this boot; undefined where udev gave it none. */
export function lastingName({ name, links }: Disk): string | undefined {
  const ids = Object.keys(links).filter((link) => link.startsWith('disk/by-id/') && links[link] === name)
  // What begins with wwn- or nvme-eui. is unique, but tells a person nothing.
  const [best] = ids.toSorted((a, b) => Number(isNumber(a)) - Number(isNumber(b)) || a.length - b.length)
  return best === undefined ? undefined : `/dev/${best}`
}

const isNumber = (link: string): boolean => /\/(wwn-|nvme-eui\.|nvme-nvme\.|dm-uuid-|scsi-[0-9])/.test(link)

const bare = (path: string): string => (path.startsWith('/dev/') ? path.slice('/dev/'.length) : path)

function find(disks: readonly Disk[], name: string): DiskUnderLeaf | undefined {
  const direct = disks.find((disk) => disk.name === name || disk.partitions.includes(name))
  if (direct !== undefined) return { disk: direct, device: name }
  const links = name.includes('/') ? [name] : [`disk/by-id/${name}`, `disk/by-vdev/${name}`, `mapper/${name}`]
  for (const link of links) {
    const [, whole, part] = /^(.+)-part(\d+)$/.exec(link) ?? []
    for (const disk of disks) {
      const device = own(disk.links, link)
      if (device !== undefined) return { disk, device }
      // The links of partitions are those of their disk with a number.
      if (whole === undefined || own(disk.links, whole) !== disk.name) continue
      const partition = disk.partitions.find((one) => /(\d+)$/.exec(one.slice(disk.name.length))?.[1] === part)
      return { disk, device: partition ?? disk.name }
    }
  }
  return undefined
}

const own = (links: Disk['links'], link: string): string | undefined =>
  Object.hasOwn(links, link) ? links[link] : undefined
